// SPDX-License-Identifier: Apache-2.0
//
// Market: a Town whose orders are paid at one gateway of the sandbox; what buyers, banks, services
// and people do there; and the account of every cent at the end: what the gateway has, each payment
// has, too. Thread rule: any thread, each with orders of its own; accounting when all are done.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "tests/api/town.h"

namespace vozex::api_test {

inline constexpr std::int64_t k_price = 4900;  // of an item of a Town's checkout, in USD

class Market {
 public:
  Market(Kind kind, std::string gateway, std::vector<std::string> serve_arguments = {})
      : town_(kind, std::move(serve_arguments)), gateway_(std::move(gateway)) {}

  const Town& town() const { return town_; }
  const std::string& gateway() const { return gateway_; }

  // ---- the shop ----
  // The page on which to pay; "" when there is none.
  std::string place(const std::string& order_id, int items = 1) const;
  // Placed, paid, delivered.
  bool sell(const std::string& order_id, int items = 1) const;
  bool reaches(const std::string& workflow,
               const std::string& key,
               const std::string& state) const {
    return town_.reaches(workflow, key, state);
  }
  bool shows(const std::string& workflow, const std::string& key, const std::string& status) const;
  // What a download of the first item answers.
  int download(const std::string& order_id, int item = 1) const;

  // ---- a service, and people ----
  // Asks for a refund; `more` goes into its input.
  Answer refund(const std::string& request_id, const std::string& order_id, json more = {}) const;
  bool refunded(const std::string& request_id) const {
    return reaches("refund", request_id, "given_back");
  }
  // An action of an instance, by somebody with this role.
  Answer act(const std::string& workflow,
             const std::string& key,
             const std::string& action,
             const std::string& role,
             json form = json::object()) const;

  // ---- the gateway ----
  Answer buyer(const std::string& page,
               const std::string& does,
               const json& body = json::object()) const {
    return town_.buyer(page, does, body);
  }
  // The gateway's payments of an order: {payment_id, captured, refunded, refunds, disputes, ...}.
  json payments_of(const std::string& order_id) const;
  std::string gateway_ref(const std::string& order_id) const;
  // Waits until a webhook about the order has been taken.
  bool told(const std::string& order_id) const;
  // A bank, or people on the gateway's own site, do something with an order's payment.
  Answer at_gateway(const std::string& order_id, const std::string& does, const json& body) const;
  Answer at_sandbox(const std::string& path, const json& body) const;
  void fault(json rule) const;
  json requests(const std::string& query) const;

  // ---- the account ----
  // How many payments of ours the gateway knows.
  std::size_t account_for_every_cent() const;

 private:
  void account_for(const std::string& payment_id, const json& there) const;

  Town town_;
  std::string gateway_;
};

}  // namespace vozex::api_test

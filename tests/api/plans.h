// SPDX-License-Identifier: Apache-2.0
//
// Plans: a market that sells what recurs: the product `suite` with the plans solo (19.00 a month)
// and team (39.00), 14 days of trial, and `suite_now` without one, listed at every gateway of the
// sandbox; quotes and checkouts of them, the gateway's clock, and the account of every charge.
// Thread rule: one thread.
#pragma once

#include <string>
#include <vector>

#include "tests/api/market.h"
#include "tests/api/places.h"

namespace vozex::api_test {

inline constexpr std::int64_t k_solo = 1900;  // a month
inline constexpr std::int64_t k_team = 3900;

// A product like `suite`: what it costs follows from `base_minor`.
json suite(const std::string& id, int trial_days, int base_minor = 900);

class Plans {
 public:
  explicit Plans(const Place& place, std::vector<std::string> serve_arguments = {});

  const Market& market() const { return market_; }
  const Town& town() const { return market_.town(); }
  void apply(const json& documents) const;

  // ---- buying ----
  // The request of a quote for the plan solo of `product`, a month at a time.
  static json solo(const std::string& product = "suite");
  json quoted(const json& request) const;
  // The page of an order at a quote's price; `more` goes into the checkout.
  std::string order(const std::string& order_id,
                    const json& request,
                    const json& more = json::object()) const;
  Answer checkout(const json& quote, const std::string& order_id, const json& more) const;
  // Ordered, and the buyer agreed at the gateway.
  void subscribe(const std::string& order_id, const json& request = solo()) const;

  // ---- what we say ----
  json subscription(const std::string& order_id) const {
    return town().instance("subscription", order_id + "-s1");
  }
  bool is(const std::string& order_id, const std::string& status) const {
    return market_.shows("subscription", order_id + "-s1", status);
  }
  std::size_t charges(const std::string& order_id) const {
    return subscription(order_id)["data"]["charges"].size();
  }
  bool charged(const std::string& order_id, std::size_t times) const {
    return eventually([&] { return charges(order_id) == times; });
  }
  bool licence_is(const std::string& order_id, const std::string& status) const {
    return market_.shows("fulfillment_license_download", order_id + "-1", status);
  }
  // A download is answered so: a licence may rest a moment before its files do.
  bool downloads(const std::string& order_id, int status) const {
    return eventually([&] { return market_.download(order_id) == status; });
  }
  // A change is asked for by a service; it must be taken.
  void ask_for(const std::string& order_id, const std::string& request_id, json order) const;

  // ---- what the gateway says ----
  json there(const std::string& order_id) const;
  void advance(const std::string& span) const;
  void at_gateway(const std::string& order_id, const std::string& does) const;
  // The gateway's payments of a subscription.
  std::vector<json> payments(const std::string& order_id) const;
  // What the plan is called there; "" where nobody needs to name it.
  std::string ref(const std::string& plan, int months = 1) const;

  // Every charge that the gateway has is one here, of the same amount, and the reverse.
  void account_for(const std::string& order_id) const;

  // From now on a debt is told of at once, and the service rests `suspend_after` later.
  void hasten_dunning(const std::string& suspend_after) const;

 private:
  void list_at_sandbox(const std::string& plan, std::int64_t monthly, int trial_days) const;

  Market market_;
};

}  // namespace vozex::api_test

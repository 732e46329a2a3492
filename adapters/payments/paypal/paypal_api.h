// SPDX-License-Identifier: Apache-2.0
//
// The REST interface of PayPal (https://developer.paypal.com/api/rest/): an OAuth token that is
// kept until shortly before it ends and fetched anew on 401, JSON both ways, PayPal-Request-Id on
// what must happen once (kept 6 hours for orders, 72 hours for subscriptions, 45 days for captures
// and refunds). Thread rule: any thread.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/payments/rest.h"
#include "adapters/payments/settings.h"

namespace vozex::payments {

struct PaypalConfig {
  std::string base_url = "https://api-m.sandbox.paypal.com";
  std::string client_id = "env:PAYPAL_CLIENT_ID";  // the secrets' names
  std::string client_secret = "env:PAYPAL_CLIENT_SECRET";
  std::vector<std::string> webhook_ids;  // ours; several while an endpoint is replaced
  std::string return_url;                // for orders that name none
  std::string brand_name;
  // unknown: live where base_url is PayPal's live host, else test.
  Environment environment = Environment::unknown;
  // The other side's, asked only by a test of the connection: whose key is it? Of PayPal's own
  // hosts it is known.
  std::string other_base_url;
  std::string certificate_origin;  // certificates come from there instead of PayPal's hosts
  std::string certificates;        // folder of PEM files that are used before fetching
  std::string ca_file;             // trusted roots; "" = the system's

  bool is_live() const;
};

Result<PaypalConfig> parse_paypal_config(const types::Value& config);

class PaypalApi {
 public:
  PaypalApi(PaypalConfig config, const Surroundings& outside);

  Answer<types::Value> get(const std::string& path, Deadline deadline);
  // `request_id`: "" where PayPal takes none.
  Answer<types::Value> post(const std::string& path,
                            const types::Value& body,
                            const std::string& request_id,
                            Deadline deadline);
  // A new token, whether one is kept or not.
  Answer<bool> sign_in(Deadline deadline);
  // Whether the key is of the other side: a live one at the sandbox, or the reverse.
  bool opens_other_side(Deadline deadline);

  const PaypalConfig& config() const { return config_; }
  const Surroundings& outside() const { return rest_.outside(); }

 private:
  Answer<types::Value> send(const http::HttpRequest& request, Effect effect, Deadline deadline);
  Answer<std::string> token(Deadline deadline);
  Answer<std::string> fetch_token(Deadline deadline);
  // PayPal's answer, with access_token.
  Answer<types::Value> ask_token(const std::string& base_url, Deadline deadline);
  void forget(const std::string& token);

  PaypalConfig config_;
  Rest rest_;
  std::mutex mutex_;  // guards what follows; not held while fetching
  std::string token_;
  Duration token_until_{};  // boot clock
};

}  // namespace vozex::payments

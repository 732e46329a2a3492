// SPDX-License-Identifier: Apache-2.0
//
// The REST interface of Stripe (https://docs.stripe.com/api): forms out, JSON back, the API's
// version said explicitly, an Idempotency-Key on every POST. Stripe keeps the first answer of a key
// for at least 24 hours, errors 500 included. Thread rule: any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/payments/rest.h"
#include "adapters/payments/settings.h"

namespace vozex::payments {

struct StripeConfig {
  std::string base_url = "https://api.stripe.com";
  std::string api_key = "env:STRIPE_API_KEY";  // the secret's name
  std::vector<std::string> webhook_secrets = {"env:STRIPE_WEBHOOK_SECRET"};
  std::string api_version = "2026-10-28.endive";
  std::string return_url;                          // for orders that name none
  Environment environment = Environment::unknown;  // unknown: what the key's prefix says
};

Result<StripeConfig> parse_stripe_config(const types::Value& config);

// Names with brackets, values as text; an empty value is left out, k_cleared is sent as an empty
// one.
inline constexpr const char* k_cleared = "\n";
using StripeForm = std::vector<std::pair<std::string, std::string>>;
std::string encode_form(const StripeForm& form);

// "/v1/refunds/re_1"
std::string stripe_path(std::string_view collection, const std::string& id);

class StripeApi {
 public:
  StripeApi(StripeConfig config, const Surroundings& outside);

  // `path` begins with /v1/ and may hold a query.
  Answer<types::Value> get(const std::string& path, Deadline deadline) const;
  Answer<types::Value> post(const std::string& path,
                            const StripeForm& form,
                            const std::string& idempotency_key,
                            Deadline deadline) const;
  Answer<types::Value> remove(const std::string& path, Deadline deadline) const;

  // Of the configuration, else of the key's prefix (sk_live_, rk_test_).
  Environment environment() const;

  const StripeConfig& config() const { return config_; }
  const Surroundings& outside() const { return rest_.outside(); }

 private:
  Answer<types::Value> send(http::HttpRequest request, Effect effect, Deadline deadline) const;

  StripeConfig config_;
  Rest rest_;
};

}  // namespace vozex::payments

// SPDX-License-Identifier: Apache-2.0
//
// The REST interface of Dodo Payments (https://docs.dodopayments.com/api-reference): one request
// with the bearer key, its answer as a value, its errors as call errors. Dodo takes no idempotency
// key, so nothing here repeats anything. Thread rule: any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/payments/rest.h"

namespace vozex::payments {

struct DodoConfig {
  std::string base_url = "https://test.dodopayments.com";
  std::string api_key = "env:DODO_API_KEY";  // the secret's name
  std::vector<std::string> webhook_secrets = {"env:DODO_WEBHOOK_SECRET"};
  std::string product_ref;  // a pay-what-you-want product, for orders without gateway products
};

Result<DodoConfig> parse_dodo_config(const types::Value& config);

class DodoApi {
 public:
  DodoApi(DodoConfig config, const Surroundings& outside);

  Answer<types::Value> get(const std::string& path, Deadline deadline) const;
  Answer<types::Value> post(const std::string& path,
                            const types::Value& body,
                            Deadline deadline) const;

  Answer<types::Value> patch(const std::string& path,
                             const types::Value& body,
                             Deadline deadline) const;

  const DodoConfig& config() const { return config_; }
  const Surroundings& outside() const { return rest_.outside(); }

 private:
  Answer<types::Value> send(http::HttpRequest request, Effect effect, Deadline deadline) const;
  Answer<types::Value> change(std::string method,
                              const std::string& path,
                              const types::Value& body,
                              Deadline deadline) const;

  DodoConfig config_;
  Rest rest_;
};

}  // namespace vozex::payments

// SPDX-License-Identifier: Apache-2.0
#include "adapters/fulfillment/multitenant_saas/connection.h"

#include <algorithm>

#include "adapters/http/standard_webhooks.h"
#include "engine/types/json.h"

namespace vozex::fulfillment {
namespace {

using types::Value;

constexpr std::string_view k_reference = "{external_reference}";
constexpr std::string_view k_nobody = "vozex-connection-test";
constexpr std::int64_t k_most_seconds = 10;

ConnectionCheck broken(const char* step, std::string detail, int status = 0) {
  return {false, step, std::move(detail), status};
}

std::string status_path(const Value& config) {
  std::string path(config.find("endpoints")->text_at("status"));
  const std::size_t at = path.find(k_reference);
  if (at != std::string::npos) path.replace(at, k_reference.size(), k_nobody);
  return path;
}

std::string path_of(const std::string& url) {
  const std::size_t at = url.find('/', url.find("://") + 3);
  return at == std::string::npos ? "/" : url.substr(at);
}

ConnectionCheck judge(const http::HttpResponse& answer) {
  const int status = answer.status;
  if (status == 401 || status == 403) {
    return broken("sign_in",
                  "the provider doesn't accept our signature: compare the secret and auth_mode",
                  status);
  }
  if (status == 404) return {true, "done", "the provider answers, and knows us", status};
  if (status >= 200 && status < 300) {
    const auto body = types::parse_json(answer.body);
    if (body && body->is_map()) return {true, "done", "the provider answers, and knows us", status};
    return broken("contract", "expected a JSON object as the status, got something else", status);
  }
  if (status >= 500) return broken("contract", "the provider has a problem of its own", status);
  return broken("contract", "expected a status or 404: look at endpoints.status", status);
}

}  // namespace

ConnectionCheck test_connection(const Value& config,
                                const ProviderAccess& access,
                                const ConnectionTools& tools) {
  const std::string name(config.text_at("credentials_ref"));
  const auto secret = tools.secrets.get(access.secret_reference);
  if (!secret || secret->empty()) {
    return broken("credentials",
                  "the secret " + name + " is not at " + access.secret_reference +
                      ": put it there, or configure adapters." +
                      std::string(config.text_at("provider")) + ".secrets." + name);
  }
  http::HttpRequest request;
  std::string base = access.base.empty() ? std::string(config.text_at("base_url")) : access.base;
  while (base.ends_with('/')) base.pop_back();
  request.url = base + status_path(config);
  request.origin_is_configured = !access.base.empty();
  request.timeout =
      std::chrono::seconds(std::min(config.find("timeout_seconds")->as_integer(), k_most_seconds));
  request.max_response_bytes = 1u << 20;
  request.headers = {{"accept", "application/json"}};
  if (config.text_at("auth_mode") == "bearer") {
    request.headers.push_back({"authorization", "Bearer " + *secret});
  } else {
    const auto key = http::parse_webhook_secret(*secret);
    if (!key) {
      return broken("credentials",
                    "the secret " + name + " can't sign: expected whsec_ and base64 for hmac");
    }
    for (http::Header& header :
         http::sign_webhook({*key}, std::string(k_nobody), tools.clock.now(), path_of(request.url)))
      request.headers.push_back(std::move(header));
  }
  const auto answer = tools.client.send(request);
  if (!answer)
    return broken(
        "reach",
        "no answer from the provider, " + answer.error().code + ": " + answer.error().message);
  return judge(*answer);
}

}  // namespace vozex::fulfillment

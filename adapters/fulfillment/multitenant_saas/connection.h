// SPDX-License-Identifier: Apache-2.0
//
// "Test connection" to a provider with the marketplace contract: one signed GET of the status of a
// workspace that nobody has. It changes nothing there; "not found" from somebody who knows us is a
// good answer. How requests are signed: `bearer`: Authorization: Bearer <secret>; `hmac`: the three
// headers of Standard Webhooks over the body, or over the path where there is no body. Thread rule:
// any thread; blocks at most the product's timeout_seconds, 10 s at most. Tests:
// tests/unit/fulfillment/connection_test.cc.
#pragma once

#include <string>

#include "adapters/http/http_client.h"
#include "engine/ports/adapter.h"
#include "engine/ports/clock.h"
#include "engine/types/value.h"

namespace vozex::fulfillment {

// What the installation says about a provider.
struct ProviderAccess {
  std::string base;              // instead of the product's; may be without TLS and private
  std::string secret_reference;  // where ports::Secrets finds the secret
};

struct ConnectionCheck {
  bool ok = false;
  // How far it came: credentials, reach, sign_in, contract, done.
  std::string step;
  std::string detail;  // a sentence: what is wrong and what to do; never the secret
  int status = 0;      // of HTTP, when there was an answer
};

struct ConnectionTools {
  http::HttpClient& client;
  const ports::Secrets& secrets;
  const ports::Clock& clock;
};

// `config` fits the schema of multitenant_saas.
ConnectionCheck test_connection(const types::Value& config,
                                const ProviderAccess& access,
                                const ConnectionTools& tools);

}  // namespace vozex::fulfillment

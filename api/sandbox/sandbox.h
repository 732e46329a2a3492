// SPDX-License-Identifier: Apache-2.0
//
// The sandbox as a program and as a thing tests start: see README.md. Thread rule: one thread of
// its own does everything; start, stop and port may be called by the owner. Tests:
// tests/unit/sandbox.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "engine/base/result.h"

namespace vozex::sandbox {

struct SandboxOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 4010;           // 0: any free one
  std::string api_key = "sk_sandbox";  // what the gateway's clients must present
  std::string webhook_secret = "whsec_c2FuZGJveCBzZWNyZXQgb2YgMjQgYnl0ZXM=";
  std::string webhook_url = "http://127.0.0.1:8080/webhooks/dodo";
  std::string paypal_webhook_id = "WH-SANDBOX";  // what PayPal's signatures cover
  std::string paypal_ca_file;                  // where PayPal's authority is written; "" = nowhere
  std::string public_url;                      // of pages; "" = http://address:port
  std::map<std::string, std::int64_t> prices;  // minor units by product; others cost 4900
};

class Sandbox {
 public:
  explicit Sandbox(SandboxOptions options);
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  // Listens and starts its thread. Error listen_failed, class unavailable.
  Result<bool> start();
  void stop();
  std::uint16_t port() const;
  std::string url() const;

 private:
  struct Running;
  SandboxOptions options_;
  std::unique_ptr<Running> running_;
};

// Prints its addresses, serves until SIGINT or SIGTERM, returns the exit code.
int run_sandbox(const SandboxOptions& options);

}  // namespace vozex::sandbox

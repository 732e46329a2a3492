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

// What a gateway's own product or plan says: what one costs, and what recurs of it.
struct ListedProduct {
  std::int64_t price = 4900;  // minor units
  std::int64_t months = 1;    // of a period
  std::int64_t trial_days = 0;
  std::string currency = "USD";
};

struct SandboxOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 4010;           // 0: any free one
  std::string api_key = "sk_sandbox";  // what the gateway's clients must present
  std::string webhook_secret = "whsec_c2FuZGJveCBzZWNyZXQgb2YgMjQgYnl0ZXM=";
  std::string webhook_url = "http://127.0.0.1:8080/webhooks/dodo";
  std::string paypal_webhook_id = "WH-SANDBOX";  // what PayPal's signatures cover
  std::string paypal_ca_file;  // where PayPal's authority is written; "" = nowhere
  std::string public_url;      // of pages; "" = http://address:port
  std::map<std::string, ListedProduct> products;  // others are as ListedProduct begins
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

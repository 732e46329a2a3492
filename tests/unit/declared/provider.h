// SPDX-License-Identifier: Apache-2.0
//
// A declared adapter in front of a loopback server: operations are written as authors write them,
// calls are made as the engine makes them. Thread rule: one thread.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/http/declared_adapter.h"
#include "tests/support/loopback_server.h"
#include "tests/unit/payments/fakes.h"

namespace vozex::http {

// The operations of an adapter `shop`, as YAML indented by two; with `head` in `http`.
std::vector<machine::OperationRef> operations_of(const std::string& operations,
                                                 const std::string& head = "{}");

class Provider {
 public:
  explicit Provider(const std::string& operations,
                    test::LoopbackServer::Handler handler,
                    const std::string& head = "{}");

  ports::CallReply call(const std::string& operation,
                        const types::Value& input,
                        Duration timeout = std::chrono::seconds(20));
  // The last request that came.
  test::WireRequest seen() const;
  int requests() const { return server_.requests(); }

  std::map<std::string, std::string, std::less<>> secrets{
      {"env:VOZEX_SECRET_SHOP_KEY", "tops3cret-value"}};
  DeclaredSettings settings;

 private:
  std::vector<machine::OperationRef> operations_;
  mutable std::mutex mutex_;  // guards seen_
  test::WireRequest seen_;
  test::LoopbackServer server_;
  HttpClient client_;
  payments::StillClock clock_{Timestamp(std::chrono::seconds(1'700'000'000))};
};

}  // namespace vozex::http

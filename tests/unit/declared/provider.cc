// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/declared/provider.h"

#include <gtest/gtest.h>

#include "engine/language/compile.h"

namespace vozex::http {

std::vector<machine::OperationRef> operations_of(const std::string& operations,
                                                 const std::string& head) {
  const language::SourceSet set{
      {{"shop.yaml", "vozex: 1\nadapter: shop\nhttp: " + head + "\noperations:\n" + operations}}};
  const auto made = language::compile(set);
  EXPECT_EQ(language::render(made.diagnostics, set), "");
  return made.operations;
}

Provider::Provider(const std::string& operations,
                   test::LoopbackServer::Handler handler,
                   const std::string& head)
    : operations_(operations_of(operations, head)),
      server_([this, handler = std::move(handler)](const test::WireRequest& request) {
        {
          const std::lock_guard lock(mutex_);
          seen_ = request;
        }
        return handler(request);
      }) {
  settings.base = server_.url();
}

ports::CallReply Provider::call(const std::string& operation,
                                const types::Value& input,
                                Duration timeout) {
  const payments::MapSecrets known(secrets);
  DeclaredAdapter adapter("shop",
                          [this](const ports::CallRequest& request) -> machine::OperationRef {
                            for (const auto& declared : operations_) {
                              if (declared->name == request.operation) return declared;
                            }
                            return nullptr;
                          },
                          settings,
                          {client_, known, clock_});
  ports::CallRequest request;
  request.operation = operation;
  request.input = input;
  request.idempotency_key = "key-1";
  request.timeout = timeout;
  return adapter.call(request);
}

test::WireRequest Provider::seen() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}

}  // namespace vozex::http

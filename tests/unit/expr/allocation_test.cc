// SPDX-License-Identifier: Apache-2.0
//
// Guards over data that is there ask the allocator for nothing. Counted by replacing the global
// operator new of this test program; sanitizers replace it themselves, so there this file is empty.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "tests/unit/expr/fixture.h"

namespace {

thread_local std::size_t allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace vozex::expr::testing {
namespace {

TEST(Guards, OverDeclaredDataAllocateNothing) {
  const Scope scope = payment_scope();
  const Values values;
  for (const char* text : {"event.data.captured_total == input.amount.minor",
                           "data.captures.values().sum() == input.amount.minor",
                           "event.data.final && input.gateway == 'dodo'",
                           "data.queue.size() > 0 && !in_state('settled.dispute.open')",
                           "data.queue.exists(l, l.id == 'b')",
                           "event.data.gateway_ref in data.captures",
                           "data.checkout_url.hasValue() && !has(data.until)",
                           "data.checkout_url.value() == 'x' || data.open.orValue(false)",
                           "now - event.time > duration('30s')"}) {
    const auto program = compile(text, scope);
    ASSERT_TRUE(program.has_value()) << text;
    const std::size_t before = allocations;
    const bool held = test(**program, values).has_value();
    const std::size_t used = allocations - before;
    EXPECT_TRUE(held) << text;
    EXPECT_EQ(used, 0u) << text;
  }
}

}  // namespace
}  // namespace vozex::expr::testing
#endif

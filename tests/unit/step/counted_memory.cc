// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/step/counted_memory.h"

#include <cstdlib>
#include <new>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define VOZEX_COUNTS_MEMORY false
#else
#define VOZEX_COUNTS_MEMORY true
#endif

namespace {

thread_local std::size_t allocated = 0;

}  // namespace

#if VOZEX_COUNTS_MEMORY
void* operator new(std::size_t size) {
  allocated += size;
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
#endif

namespace vozex::testing {

bool counts_memory() { return VOZEX_COUNTS_MEMORY; }
std::size_t allocated_bytes() { return allocated; }

}  // namespace vozex::testing

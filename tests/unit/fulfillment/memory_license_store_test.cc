// SPDX-License-Identifier: Apache-2.0
#include "adapters/fulfillment/memory_license_store.h"

#include "tests/unit/fulfillment/license_store_suite.h"

namespace vozex::fulfillment {
namespace {

struct InMemory {
  LicenseStore& store() { return store_; }
  MemoryLicenseStore store_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, LicenseStoreSuite, InMemory);

}  // namespace
}  // namespace vozex::fulfillment

// SPDX-License-Identifier: Apache-2.0
#include "adapters/catalog/memory_catalog_store.h"

#include "tests/unit/catalog_store/catalog_store_suite.h"

namespace vozex::catalog {
namespace {

class InMemory {
 public:
  CatalogStore& store() { return store_; }

 private:
  MemoryCatalogStore store_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, CatalogStoreSuite, InMemory);

}  // namespace
}  // namespace vozex::catalog

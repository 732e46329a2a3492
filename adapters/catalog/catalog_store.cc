// SPDX-License-Identifier: Apache-2.0
#include "adapters/catalog/catalog_store.h"

namespace vozex::catalog {

Failure catalog_changed(const EntryId& id) {
  return fail(ErrorClass::conflict,
              "catalog_changed",
              std::string("The ") + to_string(id.kind) + " " + id.id +
                  " was changed by somebody else meanwhile. Nothing was written: look at the "
                  "difference and apply again.");
}

}  // namespace vozex::catalog

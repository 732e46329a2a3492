// SPDX-License-Identifier: Apache-2.0
#include "tests/store/temp_folder.h"

#include <cstdlib>

#include "engine/base/assert.h"

namespace vozex::store_test {

TempFolder::TempFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "vozex-store-XXXXXX").string();
  VOZEX_ASSERT(mkdtemp(name.data()) != nullptr);
  path_ = name;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace vozex::store_test

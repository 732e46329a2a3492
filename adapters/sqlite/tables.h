// SPDX-License-Identifier: Apache-2.0
//
// Tables: transactions on one SQLite file, for what keeps its rows beside the store's. Thread rule:
// the implementation's.
#pragma once

#include <functional>

#include "adapters/sqlite/connection.h"
#include "engine/base/result.h"

namespace vozex::sqlite {

class Tables {
 public:
  virtual ~Tables() = default;
  // `work(Connection&)` in a write transaction, or reading.
  virtual Result<void> write(const std::function<Result<void>(Connection&)>& work) = 0;
  virtual Result<void> read(const std::function<Result<void>(Connection&)>& work) = 0;
};

}  // namespace vozex::sqlite

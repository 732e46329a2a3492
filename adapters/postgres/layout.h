// SPDX-License-Identifier: Apache-2.0
//
// Layout: where the rows of the tables of instances stand, and so how statements name them.
#pragma once

#include <cstdint>

namespace vozex::postgres {

enum class Layout : std::uint8_t {
  together,   // on one machine: a statement takes the rows of many buckets
  by_bucket,  // spread by `shard` over several: a statement, and a commit, keep to one bucket
};

}  // namespace vozex::postgres

// SPDX-License-Identifier: Apache-2.0
//
// BulkBasis: what a batch of retries saw of an instance when it was listed, so that a retry which
// is done twice (a process died before it could say so) sends nothing twice; and what came of it.
// Values only. Tests: tests/unit/runtime/bulk_test.cc.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/ports/batches.h"
#include "engine/ports/rows.h"
#include "engine/runtime/engine.h"

namespace vozex::runtime {

struct BulkBasis {
  bool held = false;
  std::map<std::string, std::uint16_t> calls;  // dead ones, with the attempt that failed

  // The call is dead as it was then: nobody has sent it since.
  bool covers(const ports::CallRow& call) const;
};
BulkBasis basis_of(const ports::InstanceRow& row, const std::vector<ports::CallRow>& dead);
std::string to_json(const BulkBasis& basis);
// Of what can't be read, an empty one: nothing is sent for it.
BulkBasis parse_basis(std::string_view json);

// The result of sending the calls that `basis` covers; `answers` has one for each that was sent.
// Nothing when nobody knows yet and the item is to be tried again.
std::optional<ports::BatchItem> retry_result(const InstanceId& instance,
                                             const BulkBasis& basis,
                                             const std::vector<Result<EventAnswer>>& answers,
                                             Timestamp now);

}  // namespace vozex::runtime

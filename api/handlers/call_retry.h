// SPDX-License-Identifier: Apache-2.0
//
// Sending dead calls again, several at once, with what became of each. Thread rule: any thread; the
// answer may come on a lane's.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/handlers/services.h"

namespace vozex::handlers {

// `done` gets a list of {id, outcome: leased | dropped | refused, problem?}, in the order of
// `rows`.
void retry_all(const Services& services,
               const std::vector<ports::CallRow>& rows,
               const machine::Actor& actor,
               const std::string& reason,
               std::function<void(types::Value)> done);

}  // namespace vozex::handlers

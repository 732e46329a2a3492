// SPDX-License-Identifier: Apache-2.0
//
// What a machine calls. Tests: tests/unit/runtime/operations_test.cc.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "engine/machine/machine.h"

namespace vozex::machine {

// Every operation that instances of this machine call: by invokes and by actions, and to undo what
// was done. One may come several times.
void for_each_operation(const Machine& machine,
                        const std::function<void(const OperationRef&)>& visit);

// The adapters of these operations, by name.
std::set<std::string> adapters_of(const Machine& machine);

}  // namespace vozex::machine

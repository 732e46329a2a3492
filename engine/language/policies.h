// SPDX-License-Identifier: Apache-2.0
//
// Retry policies: `policies:` sections, and `retry:` by name or inline.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "engine/language/node.h"
#include "engine/language/report.h"
#include "engine/machine/machine.h"

namespace vozex::language {

using Policies = std::map<std::string, machine::RetryPolicy, std::less<>>;

void read_policies(const Node& section, Policies& into, Report& report);

// `retry: name` or `retry: {attempts: 3, ...}`.
std::optional<machine::RetryPolicy> read_retry(const Node& node,
                                               const Policies& known,
                                               Report& report);

}  // namespace vozex::language

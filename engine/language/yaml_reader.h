// SPDX-License-Identifier: Apache-2.0
//
// YAML text -> Node tree, with YAML's accidents caught: each is a diagnostic with its own code and
// hint, and the node it struck is marked broken, so that reading goes on and later messages don't
// repeat it. Also used by engine/lab for scenario files. Reads again and again, each time without
// what the last attempt stumbled over. Only yaml_attempt.cc sees yaml-cpp. Specification:
// docs/language.md ("YAML, with its traps closed"). Tests: tests/unit/language,
// tests/golden/diagnostics.
#pragma once

#include <optional>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/language/node.h"
#include "engine/language/source_text.h"

namespace vozex::language {

inline constexpr std::size_t k_max_yaml_depth = 64;
inline constexpr std::size_t k_max_yaml_nodes = 200'000;

// The document's root; nothing when the text could not be read at all (then `out` has at least one
// error). `hidden`, when asked for, is how many findings were cut.
std::optional<Node> read_yaml(const SourceText& source,
                              std::vector<Diagnostic>& out,
                              std::size_t* hidden = nullptr);

}  // namespace vozex::language

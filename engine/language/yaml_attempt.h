// SPDX-License-Identifier: Apache-2.0
//
// One reading of a YAML text by yaml-cpp, which gives up at the first thing that it can't parse:
// the tree, or the accident that ended it. yaml_reader.cc mends the text and tries again.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>

#include "engine/language/node.h"
#include "engine/language/source_text.h"
#include "engine/language/yaml_accidents.h"

namespace vozex::language {

class Report;

struct Attempt {
  std::optional<Node> root;
  std::optional<Accident> accident;
};

// `text` is the source with what was mended so far, byte for byte as long; `broken` are the offsets
// of nodes that were blamed before. Neither root nor accident: a limit was passed, which is
// reported.
Attempt parse_once(const SourceText& source,
                   const std::string& text,
                   const std::set<std::size_t>& broken,
                   Report& report);

}  // namespace vozex::language

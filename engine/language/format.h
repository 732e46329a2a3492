// SPDX-License-Identifier: Apache-2.0
//
// The formatter of the project's YAML: one layout for everybody, so that a diff shows what changed.
// Two spaces of indentation; `{...}` and `[...]` on one line where they fit k_format_width columns,
// else as blocks; at most one empty line in a row. What the author decides stays: the order of
// keys, quotes, block or flow style, comments and the column they are aligned at, and where empty
// lines group things. The result is read again and compared before it is given: formatting never
// changes what a file says, and formatting twice changes nothing more. Pure. Rules for authors:
// docs/editors.md. Tests: tests/unit/language/format_test.cc.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/language/node.h"
#include "engine/language/source_text.h"

namespace vozex::language {

inline constexpr std::size_t k_format_width = 120;

// Nothing when the text is not YAML that the language reads; `out` then says why. Mistakes of the
// language itself, like unknown keys, don't hinder.
std::optional<std::string> format_yaml(const SourceText& source, std::vector<Diagnostic>& out);

// Whether two trees say the same, wherever and however it is written.
bool says_the_same(const Node& a, const Node& b);

}  // namespace vozex::language

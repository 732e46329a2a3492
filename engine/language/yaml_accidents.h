// SPDX-License-Identifier: Apache-2.0
//
// What went wrong when YAML doesn't mean what its author wrote: looks at the raw text around a
// place and says which of YAML's known accidents it is, with a hint that fits. Knows no YAML
// library. Tests: tests/golden/diagnostics.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/language/codes.h"
#include "engine/language/node.h"

namespace vozex::language {

// Where a parser gave up.
struct ParseFailure {
  std::size_t at = 0;                  // byte
  std::string reason;                  // the parser's own words
  std::optional<std::size_t> value;    // begin of the value it had just read, if that was a value
  std::vector<std::size_t> open_flow;  // begins of the { and [ not closed yet, outermost first
};

struct Accident {
  const Code* code = nullptr;
  Span span;
  std::string message;
  std::string hint;
  // Bytes to blank out so that reading can go on behind the accident; the first becomes `filler`.
  std::optional<std::pair<std::size_t, std::size_t>> repair;
  char filler = '~';
};

// `text` is the source with earlier accidents blanked out; spans are of `source`.
Accident diagnose(const SourceText& source, std::string_view text, const ParseFailure& failure);

// Accidents of files that parse. `scalar` is a plain value whose line goes on with a comment.
std::optional<Accident> comment_cut(const SourceText& source, const Node& scalar);
// `key:` with nothing but a comment that looks like a value: `color: #fff`.
std::optional<Accident> comment_instead_of_value(const SourceText& source, const Node& key);
// `when: !x`: `begin` is where the tag stands.
Accident tag_accident(const SourceText& source, std::size_t begin, bool flow);
// Anchors `&x` and aliases `*x`.
Accident anchor_accident(const SourceText& source, std::size_t begin);

Accident make_accident(const SourceText& source,
                       const Code& code,
                       std::size_t begin,
                       std::size_t end,
                       std::string message,
                       std::string hint);

}  // namespace vozex::language

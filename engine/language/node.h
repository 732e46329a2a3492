// SPDX-License-Identifier: Apache-2.0
//
// Node: what a YAML file says, as a tree with positions. Made by yaml_reader.h; nothing here knows
// the YAML library. A plain value, copied freely. Tests: tests/unit/language.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/language/source_text.h"

namespace vozex::language {

enum class NodeKind : std::uint8_t { null, scalar, sequence, map };
enum class ScalarStyle : std::uint8_t { plain, single_quoted, double_quoted, literal, folded };

struct Node {
  NodeKind kind = NodeKind::null;
  ScalarStyle style = ScalarStyle::plain;
  bool flow = false;    // a sequence or map in {} or []
  bool broken = false;  // a mistake here has been reported: anything goes, say no more
  bool cut = false;     // a map that lost entries to such mistakes: don't call it incomplete
  std::string text;     // scalar, decoded
  std::string tag;      // as written: "!x"; "" without (a file that has any doesn't compile)
  std::string anchor;
  std::vector<Node> keys;   // map: keys[i] belongs to items[i]
  std::vector<Node> items;  // sequence and map
  std::size_t begin =
      0;  // bytes [begin, end) of the text that a scalar is written in, quotes included
  std::size_t end = 0;
  Span span;  // scalar: its text as far as the first line goes; else the first character

  bool is_scalar() const { return kind == NodeKind::scalar; }
  bool is_sequence() const { return kind == NodeKind::sequence; }
  bool is_map() const { return kind == NodeKind::map; }
  bool is_null() const { return kind == NodeKind::null; }
  bool is_plain() const { return is_scalar() && style == ScalarStyle::plain; }
  // Value of a map's key; nullptr when absent or when this is no map.
  const Node* find(std::string_view key) const;
};

// "a map", "a list", "text", "nothing": what came, in messages.
std::string describe(const Node& node);

// The place in the file of bytes [offset, offset + length) of a scalar's decoded text: exact for
// scalars on one line and for literal blocks, else the scalar's start.
Span locate(const SourceText& source, const Node& scalar, std::size_t offset, std::size_t length);

}  // namespace vozex::language

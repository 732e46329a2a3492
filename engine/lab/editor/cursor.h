// SPDX-License-Identifier: Apache-2.0
//
// Where in a YAML text a cursor stands: the keys that lead there and the word under it. Works on
// text that is being typed and doesn't parse: it goes by indentation and brackets, line by line,
// and never fails. Pure. Tests: tests/unit/lab/editor_test.cc.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace vozex::lab::editor {

// A step down: into the value of a key, or into an entry of a list.
struct Step {
  std::string key;
  bool entry = false;
  std::size_t index = 0;  // of the entry

  bool operator==(const Step&) const = default;
};
using Path = std::vector<Step>;

// "states.open.on.pay[0].target", for tests and messages.
std::string path_text(const Path& path);

struct Cursor {
  Path path;              // to the map whose key it is, or to the value
  bool at_key = false;    // the word is a key of the map at `path`
  bool lone = false;      // ... or, as nothing follows it yet, the text at `path` itself
  bool nowhere = false;   // in a comment
  std::size_t begin = 0;  // of the word, without quotes
  std::size_t end = 0;
  char quote = 0;
  bool flow = false;  // inside {} or []
};

Cursor cursor_at(std::string_view text, std::size_t offset);

}  // namespace vozex::lab::editor

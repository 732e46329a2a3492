// SPDX-License-Identifier: Apache-2.0
//
// Reads one file for an editor, as far as it can be read: its tree, every place whose meaning the
// grammar knows, and what it declares. Pure. Tests: tests/unit/lab/editor_test.cc.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "engine/lab/editor/cursor.h"
#include "engine/lab/editor/symbols.h"
#include "engine/language/compile.h"
#include "engine/language/grammar.h"
#include "engine/language/node.h"
#include "engine/machine/machine.h"

namespace vozex::lab::editor {

// A place in a file where the grammar expects something: a value, or a name as a key.
struct Mark {
  Content content = Content::any;
  bool key = false;
  std::string text;
  std::string state;      // full path of the state it stands in
  Path path;              // as in Cursor
  std::size_t begin = 0;  // without quotes
  std::size_t end = 0;
};

struct File {
  std::string name;
  std::string text;
  std::string readable;  // the same, without lines that can't be read
  language::FileKind kind = language::FileKind::unknown;
  std::string subject;  // the workflow, adapter or types it is; of a test: the workflow under test
  std::optional<language::Node> root;
  std::vector<Mark> marks;
};

File read_file(const machine::SourceFile& source);
// In the order of the file, which will be the one of this number; none of a test file.
std::vector<Symbol> declarations_of(const File& file, std::size_t number);

}  // namespace vozex::lab::editor

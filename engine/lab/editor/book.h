// SPDX-License-Identifier: Apache-2.0
//
// Book: what an editor knows about a set of files: their trees, what they declare and where names
// are used, read by the tables of engine/language/grammar.h. A file that doesn't parse is read
// without the lines that hinder. Immutable once made. Tests: tests/unit/lab/editor_test.cc.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/lab/editor/cursor.h"
#include "engine/language/compile.h"
#include "engine/language/contracts.h"
#include "engine/language/grammar.h"
#include "engine/language/node.h"

namespace vozex::lab::editor {

using language::Content;

enum class Kind : std::uint8_t {
  workflow,
  types_file,
  adapter,
  state,
  event,
  type,
  policy,
  operation,  // "adapter.operation"
  status,
  data,
  input,
  config,
  alias,
  invoke,
  action,
};

std::string_view word_of(Kind kind);  // "state", for people

// A name that a file declares.
struct Symbol {
  Kind kind = Kind::state;
  std::string name;    // of a state: its full path
  std::string detail;  // title, doc or type as written
  std::size_t file = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
};

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

class Book {
 public:
  explicit Book(const std::vector<machine::SourceFile>& files);

  const std::vector<File>& files() const { return files_; }
  const std::vector<Symbol>& symbols() const { return symbols_; }
  const std::vector<machine::OperationRef>& operations() const { return compiled_.operations; }
  // Of the files as they are: also of test files.
  const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }

  std::optional<std::size_t> find(std::string_view file) const;
  const language::Contract* contract(std::string_view workflow) const;
  machine::OperationRef operation(std::string_view name) const;
  // Full path of the state that `name` means in the state `from` of a workflow; "" for none.
  std::string resolve_state(const File& file, const Mark& mark) const;
  // What a mark names, where it is declared; nullptr for none.
  const Symbol* target(std::size_t file, const Mark& mark) const;
  // States of a workflow, in the order of its file.
  std::vector<const Symbol*> states_of(std::string_view workflow) const;
  const Symbol* symbol(Kind kind, std::string_view name, std::optional<std::size_t> file) const;
  // The file that is this workflow.
  std::optional<std::size_t> file_of(std::string_view workflow) const;

 private:
  void read(const machine::SourceFile& source);
  void compile();

  std::vector<File> files_;
  std::vector<Symbol> symbols_;
  std::vector<language::Contract> contracts_;
  language::Compilation compiled_;
  std::vector<Diagnostic> diagnostics_;
};

// The table of a kind of file; test files by their name, too.
const language::Schema& schema_of(language::FileKind kind);
language::FileKind kind_of_text(std::string_view name, std::string_view text);
// What may stand at a path; nullptr where the grammar has nothing.
const language::Form* form_at(const language::Schema& schema, const Path& path);
// The node there; nullptr for none.
const language::Node* node_at(const language::Node& root, const Path& path);
// "open.waiting" of states.open.states.waiting.on.x.
std::string state_of(const Path& path);

}  // namespace vozex::lab::editor

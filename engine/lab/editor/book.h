// SPDX-License-Identifier: Apache-2.0
//
// Book: what an editor knows about a set of files: their trees, what they declare and where names
// are used, read by the tables of engine/language/grammar.h. A file that doesn't parse is read
// without the lines that hinder. Immutable once made. Tests: tests/unit/lab/editor_test.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/lab/editor/places.h"
#include "engine/lab/editor/reading.h"
#include "engine/lab/editor/symbols.h"
#include "engine/language/compile.h"
#include "engine/language/contracts.h"

namespace vozex::lab::editor {

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
  void compile();

  std::vector<File> files_;
  std::vector<Symbol> symbols_;
  std::vector<language::Contract> contracts_;
  language::Compilation compiled_;
  std::vector<Diagnostic> diagnostics_;
};

}  // namespace vozex::lab::editor

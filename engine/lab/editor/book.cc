// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/editor/book.h"

#include <algorithm>
#include <iterator>

#include "engine/lab/scenario_file.h"

namespace vozex::lab::editor {

using language::FileKind;

Book::Book(const std::vector<machine::SourceFile>& files) {
  for (const machine::SourceFile& source : files) {
    File file = read_file(source);
    auto declared = declarations_of(file, files_.size());
    std::move(declared.begin(), declared.end(), std::back_inserter(symbols_));
    files_.push_back(std::move(file));
  }
  compile();
}

void Book::compile() {
  language::SourceSet readable;
  language::SourceSet as_they_are;
  for (const File& file : files_) {
    if (file.kind == FileKind::test) continue;
    readable.files.push_back({file.name, file.readable});
    as_they_are.files.push_back({file.name, file.text});
  }
  contracts_ = language::contracts_of(readable);
  compiled_ = language::compile(as_they_are);
  diagnostics_ = compiled_.diagnostics;
  for (const File& file : files_) {
    if (file.kind != FileKind::test) continue;
    // Without its workflow every line would be a mistake.
    const bool known =
        std::any_of(compiled_.machines.begin(), compiled_.machines.end(), [&](const auto& machine) {
          return machine->workflow == file.subject;
        });
    const bool readable_workflow = !file_of(file.subject) || known;
    if (readable_workflow) read_scenario_file(compiled_, {file.name, file.text}, diagnostics_);
  }
}

std::optional<std::size_t> Book::find(std::string_view file) const {
  for (std::size_t i = 0; i < files_.size(); ++i) {
    if (files_[i].name == file) return i;
  }
  return std::nullopt;
}

const language::Contract* Book::contract(std::string_view workflow) const {
  for (const language::Contract& contract : contracts_) {
    if (contract.workflow == workflow) return &contract;
  }
  return nullptr;
}

machine::OperationRef Book::operation(std::string_view name) const {
  for (const machine::OperationRef& operation : compiled_.operations) {
    if (operation->adapter + "." + operation->name == name) return operation;
  }
  return nullptr;
}

std::optional<std::size_t> Book::file_of(std::string_view workflow) const {
  for (std::size_t i = 0; i < files_.size(); ++i) {
    if (files_[i].kind == FileKind::workflow && files_[i].subject == workflow) return i;
  }
  return std::nullopt;
}

std::vector<const Symbol*> Book::states_of(std::string_view workflow) const {
  std::vector<const Symbol*> states;
  const auto file = file_of(workflow);
  for (const Symbol& symbol : symbols_) {
    if (file && symbol.kind == Kind::state && symbol.file == *file) states.push_back(&symbol);
  }
  return states;
}

const Symbol* Book::symbol(Kind kind,
                           std::string_view name,
                           std::optional<std::size_t> file) const {
  for (const Symbol& symbol : symbols_) {
    if (symbol.kind == kind && symbol.name == name && (!file || symbol.file == *file))
      return &symbol;
  }
  return nullptr;
}

std::string Book::resolve_state(const File& file, const Mark& mark) const {
  const auto own = file_of(file.subject);
  const auto exists = [&](const std::string& path) {
    return own && symbol(Kind::state, path, own) != nullptr;
  };
  const std::string last = mark.path.empty() ? "" : mark.path.back().key;
  std::string scope = mark.state;
  const auto up = [&] {
    const std::size_t dot = scope.rfind('.');
    scope = dot == std::string::npos ? "" : scope.substr(0, dot);
  };
  if (file.kind == FileKind::test) return exists(mark.text) ? mark.text : "";
  // `initial` means a state inside; all others one beside, or further out.
  if (last != "initial" && !scope.empty()) up();
  while (true) {
    std::string path = scope.empty() ? mark.text : scope + "." + mark.text;
    if (exists(path)) return path;
    if (scope.empty()) return "";
    up();
  }
}

const Symbol* Book::target(std::size_t index, const Mark& mark) const {
  const File& file = files_[index];
  const auto own = file.kind == FileKind::test ? file_of(file.subject) : std::optional(index);
  if (!own) return nullptr;
  if (mark.content == Content::state) return symbol(Kind::state, resolve_state(file, mark), own);
  if (mark.content == Content::state_name) {
    const bool state = mark.path.back().key == "states" || mark.path.back().key == "regions";
    if (!state) return symbol(Kind::action, mark.text, own);
    return symbol(Kind::state, mark.state.empty() ? mark.text : mark.state + "." + mark.text, own);
  }
  const auto kind = kind_for(mark.content);
  if (!kind) return nullptr;
  std::string name = mark.text;
  if (mark.content == Content::own_operation) name = file.subject + "." + name;
  if (mark.content == Content::data_path) name = name.substr(0, name.find_first_of(".["));
  if (mark.content == Content::called && operation(name) == nullptr)
    return symbol(Kind::workflow, name, std::nullopt);
  // The file's own declaration goes before an import's.
  if (const Symbol* found = symbol(*kind, name, own)) return found;
  return is_local(*kind) ? nullptr : symbol(*kind, name, std::nullopt);
}

}  // namespace vozex::lab::editor

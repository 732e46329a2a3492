// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/editor/book.h"

#include <algorithm>

#include "engine/lab/scenario_file.h"
#include "engine/language/codes.h"
#include "engine/language/yaml_reader.h"

namespace vozex::lab::editor {
namespace {

using language::FileKind;
using language::Form;
using language::Node;
using language::Schema;

constexpr int k_max_blanked_lines = 8;

Form root_form(const Schema& schema) { return {.shapes = language::k_map, .keys = &schema}; }

// One step of the grammar.
const Form* step_into(const Form& form, const Step& step) {
  if (step.entry) return form.item != nullptr ? form.item : &form;
  if (form.keys != nullptr) {
    if (const auto* spec = language::find_key(*form.keys, step.key)) return spec->form;
  }
  return form.entry;
}

// Visits every scalar whose meaning the grammar knows.
class Walker {
 public:
  explicit Walker(File& file) : file_(file) {}

  void walk(const Node& node, const Form& form) {
    if (node.is_scalar()) {
      mark(node, form.text, false);
    } else if (node.is_sequence()) {
      for (std::size_t i = 0; i < node.items.size(); ++i) {
        path_.push_back({"", true, i});
        walk(node.items[i], form.item != nullptr ? *form.item : form);
        path_.pop_back();
      }
    } else if (node.is_map()) {
      walk_map(node, form);
    }
  }

 private:
  void walk_map(const Node& node, const Form& form) {
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      const Node& key = node.keys[i];
      const bool own = form.keys != nullptr && language::find_key(*form.keys, key.text) != nullptr;
      const Step step{key.text, false, 0};
      const Form* next = step_into(form, step);
      if (!own && form.entry != nullptr) mark(key, form.names, true);
      if (next == nullptr) continue;
      path_.push_back(step);
      walk(node.items[i], *next);
      path_.pop_back();
    }
  }

  void mark(const Node& node, Content content, bool key) {
    const bool quoted = node.style == language::ScalarStyle::single_quoted ||
                        node.style == language::ScalarStyle::double_quoted;
    const std::size_t quote = quoted ? 1 : 0;
    if (node.end < node.begin + 2 * quote) return;
    file_.marks.push_back(
        {content, key, node.text, state_of(path_), path_, node.begin + quote, node.end - quote});
  }

  File& file_;
  Path path_;
};

std::string text_of(const Node& map, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (const Node* value = map.find(key); value != nullptr && value->is_scalar())
      return value->text;
  }
  return "";
}

// A declaration, if the mark is one.
std::optional<Symbol> declared(const File& file, const Mark& mark) {
  const auto in = [&](std::string_view section) {
    return mark.key && mark.path.size() == 1 && mark.path[0].key == section;
  };
  Symbol symbol;
  symbol.name = mark.text;
  symbol.begin = mark.begin;
  symbol.end = mark.end;
  const bool workflow = file.kind == FileKind::workflow;
  if (mark.content == Content::state_name && !mark.path.empty() &&
      (mark.path.back().key == "states" || mark.path.back().key == "regions")) {
    symbol.kind = Kind::state;
    symbol.name = mark.state.empty() ? mark.text : mark.state + "." + mark.text;
  } else if (mark.content == Content::state_name) {
    symbol.kind = Kind::action;
  } else if (mark.content == Content::event_name) {
    symbol.kind = Kind::event;
  } else if (in("types")) {
    symbol.kind = Kind::type;
  } else if (in("policies")) {
    symbol.kind = Kind::policy;
  } else if (in("operations")) {
    symbol.kind = Kind::operation;
    symbol.name = file.subject + "." + mark.text;
  } else if (workflow && in("status")) {
    symbol.kind = Kind::status;
  } else if (workflow && in("data")) {
    symbol.kind = Kind::data;
  } else if (workflow && in("input")) {
    symbol.kind = Kind::input;
  } else if (workflow && in("config")) {
    symbol.kind = Kind::config;
  } else if (workflow && in("aliases")) {
    symbol.kind = Kind::alias;
  } else if (workflow && mark.content == Content::name && !mark.path.empty() &&
             mark.path.back().key == "id" && !mark.key) {
    symbol.kind = Kind::invoke;
  } else if (mark.content == Content::name && mark.path.size() == 1 && !mark.key) {
    const std::string& key = mark.path[0].key;
    if (key != "workflow" && key != "adapter" && key != "types_of") return std::nullopt;
    symbol.kind = key == "workflow"  ? Kind::workflow
                  : key == "adapter" ? Kind::adapter
                                     : Kind::types_file;
  } else {
    return std::nullopt;
  }
  return symbol;
}

std::string detail_of(const File& file, const Mark& mark) {
  Path path = mark.path;
  if (mark.key) path.push_back({mark.text, false, 0});
  const Node* node = file.root ? node_at(*file.root, path) : nullptr;
  if (node == nullptr) return "";
  if (node->is_scalar()) return mark.key ? node->text : text_of(*file.root, {"title", "doc"});
  return text_of(*node, {"title", "doc", "type"});
}

// The last line up to `number` that isn't empty; 0 for none.
std::uint32_t written_line(const language::SourceText& source, std::uint32_t number) {
  while (number > 0 && source.line(number).find_first_not_of(" \t\r") == std::string_view::npos)
    --number;
  return number;
}

// The line that is to blame when a parser gives up at `number`: a word that is being typed, without
// its colon yet, stops it only at the next key.
std::uint32_t hindering_line(const language::SourceText& source, std::uint32_t number) {
  const std::uint32_t line = written_line(source, number);
  const std::uint32_t above = line == 0 ? 0 : written_line(source, line - 1);
  if (above == 0) return line;
  const std::string_view text = source.line(above);
  const bool being_typed =
      text.find(':') == std::string_view::npos && text.find('#') == std::string_view::npos;
  return being_typed ? above : line;
}

// Without the lines that a parser stumbles over, one after the other.
void read_tree(File& file) {
  file.readable = file.text;
  for (int round = 0; round <= k_max_blanked_lines; ++round) {
    const language::SourceText source(file.name, file.readable);
    std::vector<Diagnostic> found;
    auto root = language::read_yaml(source, found);
    const auto bad = std::find_if(found.begin(), found.end(), [&](const Diagnostic& one) {
      const bool hinders = !root || one.code == language::code::malformed_yaml.id;
      return one.severity == Severity::error && one.span.line > 0 && hinders;
    });
    if (root) file.root = std::move(root);
    if (bad == found.end()) return;
    const std::uint32_t line = hindering_line(source, std::min(bad->span.line, source.lines()));
    if (line == 0) return;
    const auto begin = static_cast<std::ptrdiff_t>(source.line_start(line));
    const auto end = begin + static_cast<std::ptrdiff_t>(source.line(line).size());
    std::fill(file.readable.begin() + begin, file.readable.begin() + end, ' ');
  }
}

std::optional<Kind> kind_for(Content content) {
  switch (content) {
    case Content::event:
    case Content::event_name:
    case Content::descriptor: return Kind::event;
    case Content::operation:
    case Content::own_operation:
    case Content::called: return Kind::operation;
    case Content::workflow: return Kind::workflow;
    case Content::type:
    case Content::object_type: return Kind::type;
    case Content::import_name: return Kind::types_file;
    case Content::policy: return Kind::policy;
    case Content::status: return Kind::status;
    case Content::data_path:
    case Content::data_field: return Kind::data;
    case Content::input_field: return Kind::input;
    case Content::config_field: return Kind::config;
    case Content::alias: return Kind::alias;
    case Content::invoke_id: return Kind::invoke;
    case Content::manual_action: return Kind::action;
    case Content::any:
    case Content::text:
    case Content::boolean:
    case Content::integer:
    case Content::number:
    case Content::duration:
    case Content::moment:
    case Content::choice:
    case Content::expression:
    case Content::value:
    case Content::cron:
    case Content::timezone:
    case Content::name:
    case Content::state_name:
    case Content::state:
    case Content::warning_code: return std::nullopt;
  }
  return std::nullopt;
}

// Kinds that mean something in their own file only.
bool is_local(Kind kind) {
  return kind == Kind::state || kind == Kind::status || kind == Kind::data || kind == Kind::input ||
         kind == Kind::config || kind == Kind::alias || kind == Kind::invoke ||
         kind == Kind::action;
}

}  // namespace

std::string_view word_of(Kind kind) {
  switch (kind) {
    case Kind::workflow: return "workflow";
    case Kind::types_file: return "shared types";
    case Kind::adapter: return "adapter";
    case Kind::state: return "state";
    case Kind::event: return "event";
    case Kind::type: return "type";
    case Kind::policy: return "retry policy";
    case Kind::operation: return "operation";
    case Kind::status: return "status";
    case Kind::data: return "data";
    case Kind::input: return "input";
    case Kind::config: return "config";
    case Kind::alias: return "alias";
    case Kind::invoke: return "invoke";
    case Kind::action: return "action";
  }
  return "";
}

const Schema& schema_of(FileKind kind) {
  switch (kind) {
    case FileKind::types_of: return language::grammar::shared_types;
    case FileKind::adapter: return language::grammar::adapter;
    case FileKind::test: return language::grammar::test_file;
    case FileKind::workflow:
    case FileKind::unknown: return language::grammar::workflow;
  }
  return language::grammar::workflow;
}

FileKind kind_of_text(std::string_view name, std::string_view text) {
  const auto has = [&](std::string_view key) {
    return text.starts_with(key) || text.find("\n" + std::string(key)) != std::string_view::npos;
  };
  if (name.ends_with(".test.yaml") || has("scenarios:")) return FileKind::test;
  if (has("types_of:")) return FileKind::types_of;
  if (has("adapter:")) return FileKind::adapter;
  return FileKind::workflow;
}

const Form* form_at(const Schema& schema, const Path& path) {
  static thread_local Form root;
  root = root_form(schema);
  const Form* form = &root;
  for (const Step& step : path) {
    form = step_into(*form, step);
    if (form == nullptr) return nullptr;
  }
  return form;
}

const Node* node_at(const Node& root, const Path& path) {
  const Node* node = &root;
  for (const Step& step : path) {
    if (step.entry) {
      // A single entry may stand without its list.
      if (!node->is_sequence()) continue;
      node = step.index < node->items.size() ? &node->items[step.index] : nullptr;
    } else {
      node = node->find(step.key);
    }
    if (node == nullptr) return nullptr;
  }
  return node;
}

std::string state_of(const Path& path) {
  std::string state;
  for (std::size_t i = 0; i + 1 < path.size(); i += 2) {
    if ((path[i].key != "states" && path[i].key != "regions") || path[i + 1].entry) break;
    state += (state.empty() ? "" : ".") + path[i + 1].key;
  }
  return state;
}

Book::Book(const std::vector<machine::SourceFile>& files) {
  for (const machine::SourceFile& file : files) read(file);
  compile();
}

void Book::read(const machine::SourceFile& source) {
  File file;
  file.name = source.name;
  file.text = source.text;
  file.kind = kind_of_text(source.name, source.text);
  read_tree(file);
  if (file.root && file.root->is_map()) {
    file.subject = text_of(*file.root, {"workflow", "types_of", "adapter"});
    Walker(file).walk(*file.root, root_form(schema_of(file.kind)));
  }
  for (const Mark& mark : file.marks) {
    if (file.kind == FileKind::test) break;
    auto symbol = declared(file, mark);
    if (!symbol) continue;
    symbol->file = files_.size();
    symbol->detail = detail_of(file, mark);
    symbols_.push_back(*std::move(symbol));
  }
  files_.push_back(std::move(file));
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
    const std::string path = scope.empty() ? mark.text : scope + "." + mark.text;
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

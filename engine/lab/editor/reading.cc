// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/editor/reading.h"

#include <algorithm>

#include "engine/lab/editor/places.h"
#include "engine/language/codes.h"
#include "engine/language/yaml_reader.h"

namespace vozex::lab::editor {
namespace {

using language::FileKind;
using language::Form;
using language::Node;

constexpr int k_max_blanked_lines = 8;

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

}  // namespace

File read_file(const machine::SourceFile& source) {
  File file;
  file.name = source.name;
  file.text = source.text;
  file.kind = kind_of_text(source.name, source.text);
  read_tree(file);
  if (file.root && file.root->is_map()) {
    file.subject = text_of(*file.root, {"workflow", "types_of", "adapter"});
    Walker(file).walk(*file.root, root_form(schema_of(file.kind)));
  }
  return file;
}

std::vector<Symbol> declarations_of(const File& file, std::size_t number) {
  std::vector<Symbol> symbols;
  if (file.kind == FileKind::test) return symbols;
  for (const Mark& mark : file.marks) {
    auto symbol = declared(file, mark);
    if (!symbol) continue;
    symbol->file = number;
    symbol->detail = detail_of(file, mark);
    symbols.push_back(*std::move(symbol));
  }
  return symbols;
}

}  // namespace vozex::lab::editor

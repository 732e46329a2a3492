// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/editor/places.h"

namespace vozex::lab::editor {

using language::FileKind;
using language::Form;
using language::Node;
using language::Schema;

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

Form root_form(const Schema& schema) { return {.shapes = language::k_map, .keys = &schema}; }

const Form* step_into(const Form& form, const Step& step) {
  if (step.entry) return form.item != nullptr ? form.item : &form;
  if (form.keys != nullptr) {
    if (const auto* spec = language::find_key(*form.keys, step.key)) return spec->form;
  }
  return form.entry;
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

}  // namespace vozex::lab::editor

// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/editor/names.h"

#include <algorithm>
#include <set>

#include "engine/expr/function.h"
#include "engine/language/raw_text.h"
#include "engine/language/scope.h"
#include "engine/machine/machine.h"

namespace vozex::lab::editor {
namespace {

using language::FileKind;
using language::is_word_char;
using language::Node;
using types::TypeKind;
using types::TypeRef;

// The value of the innermost key of this name on the path, and where it is.
struct Found {
  const Node* node = nullptr;
  Path path;
};

Found above(const File& file, const Path& path, std::string_view key) {
  for (std::size_t i = path.size(); i-- > 0;) {
    if (path[i].key != key || path[i].entry) continue;
    Found found;
    found.path = Path(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(i + 1));
    found.node = file.root ? node_at(*file.root, found.path) : nullptr;
    return found;
  }
  return {};
}

std::string next_key(const Path& path, const Path& prefix) {
  return path.size() > prefix.size() ? path[prefix.size()].key : "";
}

bool passes(const Path& path, std::initializer_list<std::string_view> keys) {
  return std::any_of(path.begin(), path.end(), [&](const Step& step) {
    return std::find(keys.begin(), keys.end(), step.key) != keys.end();
  });
}

TypeRef data_of(const language::Contract& contract, const std::string& descriptor) {
  TypeRef type;
  for (const auto& [name, data] : contract.events) {
    if (!machine::event_matches(descriptor, name)) continue;
    if (type != nullptr) return types::dyn_type();
    type = data == nullptr ? types::dyn_type() : data;
  }
  return type == nullptr ? types::dyn_type() : type;
}

// Fields of a form as far as their types are plain.
TypeRef form_type(const language::Contract& contract, const Node* form) {
  if (form == nullptr) return nullptr;
  if (form->is_scalar()) {
    const auto named = contract.types.find(form->text);
    return named == contract.types.end() ? types::dyn_type() : named->second;
  }
  std::vector<types::Field> fields;
  for (const Node& key : form->keys) {
    types::Field field;
    field.name = key.text;
    field.type = types::dyn_type();
    fields.push_back(std::move(field));
  }
  return types::object_of(std::move(fields));
}

void add_event(language::Place& place,
               const language::Contract& contract,
               const File& file,
               const Path& path) {
  const Found on = above(file, path, "on");
  const Found events = above(file, path, "events");
  const Found actions = above(file, path, "actions");
  const bool later = passes(path, {"on_entry", "on_exit", "invoke", "after", "every"});
  if (!on.path.empty() && !later) {
    place.event = language::event_type(data_of(contract, next_key(path, on.path)));
  } else if (events.path.size() == 1) {
    place.event = language::event_type(data_of(contract, next_key(path, events.path)));
  } else if (!actions.path.empty()) {
    Path own = actions.path;
    own.push_back({next_key(path, actions.path), false, 0});
    own.push_back({"form", false, 0});
    place.event = language::event_type(nullptr, form_type(contract, node_at(*file.root, own)));
    place.actor = language::actor_type();
  }
}

void add_outcome(language::Place& place, const Book& book, const File& file, const Path& path) {
  if (passes(path, {"on_error"})) place.error = language::error_type();
  if (!passes(path, {"on_done", "compensate"})) return;
  Found invoke = above(file, path, "invoke");
  if (invoke.path.empty()) return;
  for (std::size_t i = invoke.path.size(); i < path.size() && path[i].entry; ++i)
    invoke.path.push_back(path[i]);
  const Node* node = node_at(*file.root, invoke.path);
  const Node* call = node == nullptr ? nullptr : node->find("call");
  const Node* child = node == nullptr ? nullptr : node->find("workflow");
  if (call != nullptr) {
    const auto operation = book.operation(call->text);
    place.result = operation == nullptr ? types::dyn_type() : operation->output;
  } else if (child != nullptr) {
    const auto* contract = book.contract(child->text);
    place.result = contract == nullptr ? types::dyn_type() : contract->output;
  }
}

// Variables of `for_each` around the place; their types are not looked for.
void add_loops(expr::Scope& scope, const File& file, const Path& path) {
  for (std::size_t length = 0; length <= path.size(); ++length) {
    const Path part(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(length));
    const Node* node = node_at(*file.root, part);
    const Node* loop = node == nullptr ? nullptr : node->find("for_each");
    if (loop == nullptr || loop->keys.empty()) continue;
    scope.variables.push_back({loop->keys[0].text, types::dyn_type(), 0, ""});
  }
}

bool fits(const expr::Ty& wanted, const types::Type& type) {
  using Ty = expr::Ty::Kind;
  switch (type.kind) {
    case TypeKind::string:
    case TypeKind::enumeration: return wanted.kind == Ty::string;
    case TypeKind::integer: return wanted.kind == Ty::integer;
    case TypeKind::uint: return wanted.kind == Ty::uint;
    case TypeKind::real: return wanted.kind == Ty::real;
    case TypeKind::boolean: return wanted.kind == Ty::boolean;
    case TypeKind::bytes: return wanted.kind == Ty::bytes;
    case TypeKind::timestamp: return wanted.kind == Ty::timestamp;
    case TypeKind::duration: return wanted.kind == Ty::duration;
    case TypeKind::money: return wanted.kind == Ty::money;
    case TypeKind::list: return wanted.kind == Ty::list;
    case TypeKind::map: return wanted.kind == Ty::map;
    case TypeKind::optional: return wanted.kind == Ty::optional;
    case TypeKind::dyn:
    case TypeKind::nothing:
    case TypeKind::null:
    case TypeKind::object:
    case TypeKind::secret:
    case TypeKind::type: return false;
  }
  return false;
}

Item function_item(const expr::FunctionDecl& decl, const expr::Overload& overload) {
  Item item;
  item.label = decl.name;
  item.kind = ItemKind::function;
  item.detail = expr::signature_text(decl, overload);
  const bool bare = overload.params.size() == (overload.member ? 1U : 0U);
  item.insert = decl.name + (bare ? "()" : "($0)");
  return item;
}

bool is_name(const std::string& name) {
  return std::all_of(name.begin(), name.end(), [](char c) { return is_word_char(c) || c == '.'; });
}

void add_methods(const types::Type& type, std::vector<Item>& items) {
  std::set<std::string> seen;
  for (const expr::FunctionDecl& decl : expr::all_functions()) {
    for (const expr::Overload& overload : decl.overloads) {
      if (!overload.member || overload.params.empty() || !is_name(decl.name)) continue;
      if (!fits(*overload.params[0], type) || !seen.insert(decl.name).second) continue;
      items.push_back(function_item(decl, overload));
    }
  }
  static constexpr std::string_view k_macros[] = {"all", "exists", "exists_one", "filter", "map"};
  if (type.kind != TypeKind::list && type.kind != TypeKind::map) return;
  for (const std::string_view macro : k_macros) {
    const std::string name(macro);
    items.push_back({name, ItemKind::function, name + "(x, condition)", "", name + "(x, $0)"});
  }
}

std::vector<Item> members_of(const TypeRef& whole) {
  std::vector<Item> items;
  if (whole == nullptr) return items;
  const types::Type& type = *whole;
  for (const types::Field& field : type.fields)
    items.push_back(
        {field.name, ItemKind::field, types::to_string(*field.type), field.doc, field.name});
  if (type.kind == TypeKind::money) {
    items.push_back({"minor", ItemKind::field, "int", "in the currency's minor unit", "minor"});
    items.push_back({"currency", ItemKind::field, "string", "ISO 4217", "currency"});
  }
  add_methods(type, items);
  return items;
}

}  // namespace

expr::Scope scope_at(const Book& book, std::size_t index, const Path& path) {
  const File& file = book.files()[index];
  const language::Contract* contract = book.contract(file.subject);
  if (contract == nullptr || !file.root || file.kind != FileKind::workflow) return {};
  language::Place place;
  place.label = "here";
  add_event(place, *contract, file, path);
  add_outcome(place, book, file, path);
  const language::Names names{contract->input, contract->data, contract->config, contract->invoked};
  expr::Scope scope = language::make_scope(names, place);
  std::erase_if(scope.variables,
                [](const expr::Variable& one) { return !one.unavailable.empty(); });
  add_loops(scope, file, path);
  return scope;
}

Asked asked_at(std::string_view text, std::size_t at) {
  Asked asked;
  std::size_t begin = std::min(at, text.size());
  while (begin > 0 && is_word_char(text[begin - 1])) --begin;
  asked.word = begin;
  if (begin == 0 || text[begin - 1] != '.') return asked;
  const std::size_t end = begin - 1;
  std::size_t from = end;
  int depth = 0;
  // Back over names, dots, and what stands in brackets.
  while (from > 0) {
    const char c = text[from - 1];
    if (c == ')' || c == ']') ++depth;
    if (c == '(' || c == '[') --depth;
    if (depth < 0) break;
    if (depth == 0 && !is_word_char(c) && c != '.' && c != '(' && c != '[' && c != '?') break;
    --from;
  }
  asked.receiver = std::string(text.substr(from, end - from));
  return asked;
}

std::vector<Item> names_for(const expr::Scope& scope, const Asked& asked) {
  if (!asked.receiver.empty()) {
    const auto compiled = expr::compile(asked.receiver, scope);
    return compiled ? members_of(expr::type_of(**compiled)) : std::vector<Item>{};
  }
  std::vector<Item> items;
  items.reserve(scope.variables.size());
  for (const expr::Variable& variable : scope.variables) {
    items.push_back({variable.name,
                     ItemKind::name,
                     variable.type == nullptr ? "" : types::to_string(*variable.type),
                     "",
                     variable.name});
  }
  for (const expr::FunctionDecl& decl : expr::all_functions()) {
    const auto plain = std::find_if(decl.overloads.begin(),
                                    decl.overloads.end(),
                                    [](const auto& overload) { return !overload.member; });
    if (plain != decl.overloads.end() && is_name(decl.name) && !decl.name.starts_with("_"))
      items.push_back(function_item(decl, *plain));
  }
  return items;
}

std::string type_of_text(const expr::Scope& scope, const std::string& expression) {
  const auto compiled = expr::compile(expression, scope);
  if (!compiled || expr::type_of(**compiled) == nullptr) return "";
  return types::to_string(*expr::type_of(**compiled));
}

}  // namespace vozex::lab::editor

// SPDX-License-Identifier: Apache-2.0
#include "engine/language/values.h"

#include <algorithm>
#include <cctype>

#include "engine/expr/dictionary.h"
#include "engine/language/keys.h"
#include "engine/language/literals.h"
#include "engine/types/validate.h"

namespace vozex::language {
namespace {

using expr::ProgramRef;
using types::Type;
using types::TypeKind;
using types::TypeRef;

ProgramRef finish(Unit& unit,
                  const Node& node,
                  std::size_t offset,
                  const expr::Compiled& compiled) {
  if (!compiled) {
    for (const expr::Problem& problem : compiled.error()) {
      const Span span = locate(unit.report.source(), node, offset + problem.offset, problem.length);
      unit.report.error(problem.code, span, problem.message, problem.hint);
    }
    return nullptr;
  }
  if (unit.state_nodes.empty()) return *compiled;
  for (const expr::Reference& query : expr::state_queries_of(**compiled)) {
    if (unit.machine->find_state(query.path) != machine::k_no_state && !query.path.empty())
      continue;
    std::vector<std::string> paths;
    for (const machine::State& state : unit.machine->states) paths.push_back(state.path);
    unit.report.error(code::unknown_state,
                      locate(unit.report.source(), node, offset + query.offset, query.path.size()),
                      "in_state('" + query.path + "') names no state",
                      did_you_mean(query.path, paths).empty()
                          ? "write the full path from the top: 'live.paying'"
                          : did_you_mean(query.path, paths));
    return nullptr;
  }
  return *compiled;
}

// The text inside one `${...}` that is the whole scalar: (offset, text).
std::pair<std::size_t, std::string_view> unwrap(std::string_view text) {
  std::size_t begin = 0;
  while (begin < text.size() && text[begin] == ' ') ++begin;
  std::size_t end = text.size();
  while (end > begin && (text[end - 1] == ' ' || text[end - 1] == '\n')) --end;
  const std::string_view inner = text.substr(begin, end - begin);
  if (!inner.starts_with("${") || !inner.ends_with("}")) return {0, text};
  if (inner.find("${", 2) != std::string_view::npos) return {0, text};
  return {begin + 2, inner.substr(2, inner.size() - 3)};
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// "error.message", "data.at + 1", "actor.id": begins with a name that is visible here and goes on
// as an expression does.
bool looks_like_expression(std::string_view text, const expr::Scope& scope) {
  std::size_t at = 0;
  while (at < text.size() && is_word(text[at])) ++at;
  const std::string_view root = text.substr(0, at);
  const bool known = std::any_of(
      scope.variables.begin(), scope.variables.end(), [&](const expr::Variable& variable) {
        return variable.name == root;
      });
  if (!known || at + 1 >= text.size() || (text[at] != '.' && text[at] != '[')) return false;
  if (!is_word(text[at + 1]) && text[at] == '.') return false;
  while (at < text.size() && (is_word(text[at]) || text[at] == '.')) ++at;
  if (at == text.size()) return true;
  constexpr std::string_view k_goes_on = "([+-*/%<>=!&|?";
  while (at < text.size() && text[at] == ' ') ++at;
  return at < text.size() && k_goes_on.find(text[at]) != std::string_view::npos;
}

std::string absent_hint(const expr::Program& program, const Type& wanted) {
  const Type& got = *expr::type_of(program);
  if (got.kind != TypeKind::optional || !types::assignable(wanted, *got.element)) return "";
  return "it may be absent: add .orValue(...) for a value to use then, or .value() where it is "
         "certainly there";
}

ProgramRef literal(Unit& unit, const Node& node, const Want& want, const Place& place) {
  if (reports_expression_literal(unit, node, want, place)) return nullptr;
  const TypeRef type = want.type == nullptr ? types::dyn_type() : want.type;
  auto value = read_scalar(node, *type, want.what, unit.report);
  if (!value) return nullptr;
  if (type->kind == TypeKind::dyn) return expr::constant(std::move(*value), type);
  if (node.is_null()) return expr::constant(types::Value(), types::simple_type(TypeKind::null));
  return expr::constant(std::move(*value), without_optional(type));
}

ProgramRef template_value(Unit& unit, const Node& node, const Want& want, const Place& place) {
  ProgramRef program =
      finish(unit, node, 0, expr::compile_template(node.text, make_scope(unit.names, place)));
  if (program == nullptr || !check_type(unit, node, *program, want)) return nullptr;
  return program;
}

ProgramRef list_value(Unit& unit,
                      const Node& node,
                      const TypeRef& element,
                      const std::string& what,
                      const Place& place) {
  std::vector<ProgramRef> items;
  items.reserve(node.items.size());
  for (const Node& item : node.items) {
    items.push_back(compile_value(unit, item, {element, "an entry of " + what}, place));
  }
  const bool good = std::none_of(
      items.begin(), items.end(), [](const ProgramRef& item) { return item == nullptr; });
  if (!good) return nullptr;
  return items.empty() ? expr::constant(types::Value::list({}), types::list_of(element))
                       : expr::array(std::move(items));
}

// The key of an entry that is computed when the map is made.
ProgramRef computed_key(Unit& unit, const Node& key, const Place& place) {
  return template_value(
      unit, key, {types::simple_type(TypeKind::string), "the key `" + key.text + "`"}, place);
}

ProgramRef map_value(Unit& unit, const Node& node, const TypeRef& element, const Place& place) {
  std::vector<std::pair<std::string, ProgramRef>> members;
  std::vector<std::pair<ProgramRef, ProgramRef>> entries;
  bool computed = false;
  bool good = true;
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const Node& key = node.keys[i];
    ProgramRef value = compile_value(unit, node.items[i], {element, "`" + key.text + "`"}, place);
    ProgramRef name = has_template(key) ? computed_key(unit, key, place)
                                        : expr::constant(types::Value::string(key.text),
                                                         types::simple_type(TypeKind::string));
    computed = computed || has_template(key);
    good = good && value != nullptr && name != nullptr;
    entries.emplace_back(std::move(name), value);
    members.emplace_back(key.text, std::move(value));
  }
  if (!good) return nullptr;
  if (computed) return expr::dictionary(std::move(entries), element);
  return members.empty() ? expr::constant(types::Value::map({}), types::map_of(element))
                         : expr::object(std::move(members));
}

ProgramRef tree(Unit& unit, const Node& node, const Want& want, const Place& place) {
  const TypeRef type = want.type == nullptr ? types::dyn_type() : want.type;
  const Type& inner = without_optional(*type);
  if (inner.kind == TypeKind::nothing) return nullptr;
  if (node.is_sequence()) {
    if (inner.kind == TypeKind::list)
      return list_value(unit, node, inner.element, want.what, place);
    if (inner.kind == TypeKind::dyn)
      return list_value(unit, node, types::dyn_type(), want.what, place);
  } else {
    if (inner.kind == TypeKind::object) return compile_members(unit, node, inner, want.what, place);
    if (inner.kind == TypeKind::map) return map_value(unit, node, inner.element, place);
    if (inner.kind == TypeKind::dyn) return map_value(unit, node, types::dyn_type(), place);
    if (inner.kind == TypeKind::money) {
      static const TypeRef fields =
          types::object_of({{"minor", types::simple_type(TypeKind::integer), {}, false, ""},
                            {"currency", types::simple_type(TypeKind::string), {}, false, ""}});
      return compile_members(unit, node, *fields, want.what, place);
    }
  }
  report_mismatch(node, *type, want.what, unit.report);
  return nullptr;
}

}  // namespace

bool reports_expression_literal(Unit& unit,
                                const Node& node,
                                const Want& want,
                                const Place& place) {
  if (!looks_like_expression(node.text, make_scope(unit.names, place))) return false;
  const bool text = want.type == nullptr || without_optional(*want.type).kind == TypeKind::string ||
                    without_optional(*want.type).kind == TypeKind::dyn;
  std::string hint = "for its value write `\"${" + node.text + "}\"`";
  if (text) hint += ", for the text itself `\"${'" + node.text + "'}\"`";
  unit.report.error(code::literal_expression,
                    node.span,
                    "`" + node.text + "` looks like an expression, and is a plain text here",
                    hint);
  return true;
}

bool check_type(Unit& unit, const Node& node, const expr::Program& program, const Want& want) {
  if (want.type == nullptr) return true;
  const TypeRef& got = expr::type_of(program);
  const types::Value* constant = expr::constant_of(program);
  const bool fits =
      types::assignable(*want.type, *got) ||
      (want.type->kind == TypeKind::optional && types::assignable(*want.type->element, *got)) ||
      (want.type->kind == TypeKind::optional && got->kind == TypeKind::null);
  if (!fits) {
    unit.report.error(code::wrong_type,
                      node.span,
                      "expected " + types::to_string(*want.type) + " for " + want.what + ", got " +
                          types::to_string(*got),
                      absent_hint(program, *want.type));
    return false;
  }
  if (constant == nullptr || constant->is_null() || constant->kind() == types::Kind::optional)
    return true;
  const auto valid =
      types::validate(*constant, without_optional(*want.type), types::Unknown::refuse);
  if (valid) return true;
  unit.report.error(code::wrong_type,
                    node.span,
                    want.what + " doesn't fit its type: " + types::describe(valid.error()));
  return false;
}

ProgramRef compile_text(
    Unit& unit, const Node& node, std::size_t offset, std::string_view text, const Place& place) {
  return finish(unit, node, offset, expr::compile(text, make_scope(unit.names, place)));
}

ProgramRef compile_bare(Unit& unit, const Node& node, const Want& want, const Place& place) {
  if (node.broken) return nullptr;
  if (!node.is_scalar()) {
    const std::string hint = node.flow ? "put the whole expression in quotes" : "";
    unit.report.error(code::wrong_shape,
                      node.span,
                      "expected an expression for " + want.what + ", got " + describe(node),
                      hint);
    return nullptr;
  }
  const auto [offset, text] = unwrap(node.text);
  ProgramRef program = compile_text(unit, node, offset, text, place);
  if (program == nullptr || !check_type(unit, node, *program, want)) return nullptr;
  return program;
}

ProgramRef compile_condition(Unit& unit,
                             const Node& node,
                             const std::string& what,
                             const Place& place) {
  return compile_bare(unit, node, {types::simple_type(TypeKind::boolean), what}, place);
}

ProgramRef compile_value(Unit& unit, const Node& node, const Want& want, const Place& place) {
  if (node.broken) return nullptr;
  if (node.is_null()) return literal(unit, node, want, place);
  if (!node.is_scalar()) return tree(unit, node, want, place);
  return has_template(node) ? template_value(unit, node, want, place)
                            : literal(unit, node, want, place);
}

ProgramRef compile_members(
    Unit& unit, const Node& map, const Type& object, const std::string& what, const Place& place) {
  std::vector<std::pair<std::string, ProgramRef>> members;
  const std::vector<std::string> names = field_names(object);
  bool good = true;
  for (std::size_t i = 0; i < map.keys.size(); ++i) {
    const Node& key = map.keys[i];
    const types::Field* field = types::find_field(object, key.text);
    if (field == nullptr) {
      const std::string near = did_you_mean(key.text, names);
      unit.report.error(
          code::unknown_field,
          key.span,
          "`" + key.text + "` is no field of " + what,
          (near.empty() ? "" : near + " ") +
              (names.empty() ? "it has no fields" : "its fields: " + list_names(names)));
      good = false;
      continue;
    }
    ProgramRef value =
        compile_value(unit, map.items[i], {field->type, "`" + key.text + "`"}, place);
    good = good && value != nullptr;
    const bool absent = map.items[i].is_null();
    if (value != nullptr && !absent) members.emplace_back(key.text, std::move(value));
  }
  std::vector<std::string> missing;
  for (const types::Field& field : object.fields) {
    if (!may_be_missing(field) && map.find(field.name) == nullptr) missing.push_back(field.name);
  }
  if (!missing.empty() && !map.broken && !map.cut) {
    unit.report.error(code::missing_field,
                      map.span,
                      what + " lacks " + list_names(missing),
                      "give " + std::string(missing.size() == 1 ? "it" : "them") +
                          " a value, or make the field optional in its type");
    good = false;
  }
  return good ? expr::object(std::move(members)) : nullptr;
}

std::optional<CompiledLoop> compile_loop(Unit& unit, const Node& node, const Place& place) {
  if (!has_shape(node, k_map, "`for_each`", unit.report)) return std::nullopt;
  if (node.keys.size() != 1) {
    unit.report.error(
        code::bad_loop, node.span, "`for_each` takes one name and one list: {line: input.lines}");
    return std::nullopt;
  }
  const std::string& name = node.keys[0].text;
  const bool taken = is_reserved_name(name) || (place.item && place.item->name == name) ||
                     (place.each && place.each->name == name);
  if (!is_identifier(name) || taken) {
    unit.report.error(
        code::bad_loop,
        node.keys[0].span,
        taken ? "`" + name + "` already means something here" : "`" + name + "` can't be a name",
        "choose another name of letters, digits and _");
    return std::nullopt;
  }
  ProgramRef list = compile_bare(unit, node.items[0], {nullptr, "`for_each`"}, place);
  if (list == nullptr) return std::nullopt;
  const Type& type = *expr::type_of(*list);
  if (type.kind == TypeKind::list) return CompiledLoop{std::move(list), {name, type.element}};
  if (type.kind == TypeKind::dyn) return CompiledLoop{std::move(list), {name, types::dyn_type()}};
  unit.report.error(code::bad_loop,
                    node.items[0].span,
                    "`for_each` goes over a list, got " + types::to_string(type),
                    type.kind == TypeKind::map ? "use .keys() or .values() of the map" : "");
  return std::nullopt;
}

ProgramRef compile_moment(Unit& unit,
                          const Node& node,
                          const std::string& what,
                          const Place& place) {
  if (node.broken) return nullptr;
  if (has_template(node)) {
    ProgramRef program = template_value(unit, node, {nullptr, what}, place);
    if (program == nullptr) return nullptr;
    const TypeKind kind = without_optional(*expr::type_of(*program)).kind;
    if (kind == TypeKind::duration || kind == TypeKind::timestamp || kind == TypeKind::dyn)
      return program;
    unit.report.error(code::wrong_type,
                      node.span,
                      "expected a duration or a timestamp for " + what + ", got " +
                          types::to_string(*expr::type_of(*program)),
                      kind == TypeKind::string ? "use duration(...) or timestamp(...)" : "");
    return nullptr;
  }
  if (const auto length = parse_duration(node.text); length && length->count() >= 0) {
    return expr::constant(types::Value::duration(*length), types::simple_type(TypeKind::duration));
  }
  if (const auto at = parse_timestamp(node.text)) {
    return expr::constant(types::Value::timestamp(*at), types::simple_type(TypeKind::timestamp));
  }
  // Years and months have no fixed length: they are counted from the moment of arming, in UTC.
  const bool period = node.text.size() > 2 && node.text.starts_with("P") &&
                      node.text.find_first_not_of("0123456789YMWDTHS", 1) == std::string::npos;
  if (period) {
    const auto made =
        expr::compile("now.add('" + node.text + "', 1, 'UTC')", make_scope(unit.names, place));
    if (made) return *made;
  }
  const bool bare = node.text.find('.') != std::string::npos;
  unit.report.error(code::bad_literal,
                    node.span,
                    "expected a duration or a time for " + what + ", got " + describe(node),
                    bare ? "for a value write `\"${" + node.text + "}\"`"
                         : "write it as 30s, 5m, 1h30m, 7d, PT30M or P1M");
  return nullptr;
}

}  // namespace vozex::language

// SPDX-License-Identifier: Apache-2.0
#include "engine/language/data_path.h"

#include <cctype>

#include "engine/language/literals.h"
#include "engine/language/values.h"

namespace vozex::language {
namespace {

using types::TypeKind;
using types::TypeRef;

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Behind the ] that closes the [ at `at`; npos when there is none.
std::size_t after_bracket(std::string_view text, std::size_t at) {
  int depth = 0;
  for (std::size_t i = at; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\'' || c == '"') {
      i = text.find(c, i + 1);
      if (i == std::string_view::npos) return i;
    }
    if (c == '[' || c == '(' || c == '{') ++depth;
    if ((c == ']' || c == ')' || c == '}') && --depth == 0) return i + 1;
  }
  return std::string_view::npos;
}

class PathCompiler {
 public:
  PathCompiler(Unit& unit, const Node& key, const Place& place)
      : unit_(unit), key_(key), text_(key.text), place_(place) {
    path_.type = unit.names.data;
  }

  std::optional<DataPath> run() {
    if (text_.starts_with("data."))
      return wrong(
          0, 5, "paths of `set` begin inside data", "write `" + std::string(text_.substr(5)) + "`");
    if (text_.find("${") != std::string_view::npos) {
      return wrong(0,
                   text_.size(),
                   "`${...}` in a path",
                   "write the expression in brackets: `lines[event.data.id].status`");
    }
    if (!field(0)) return std::nullopt;
    while (at_ < text_.size()) {
      const bool good = text_[at_] == '.'   ? field(at_ + 1)
                        : text_[at_] == '[' ? index()
                                            : !!wrong(at_, 1, "unexpected text in a path", "");
      if (!good) return std::nullopt;
    }
    return std::move(path_);
  }

 private:
  std::optional<DataPath> wrong(std::size_t offset,
                                std::size_t length,
                                const std::string& message,
                                const std::string& hint) {
    unit_.report.error(
        code::bad_path, locate(unit_.report.source(), key_, offset, length), message, hint);
    return std::nullopt;
  }

  // What the path has reached so far, for messages.
  std::string so_far() const {
    return at_ == 0 ? "data" : "`" + std::string(text_.substr(0, at_)) + "`";
  }

  bool field(std::size_t begin) {
    std::size_t end = begin;
    while (end < text_.size() && is_word(text_[end])) ++end;
    const std::string name(text_.substr(begin, end - begin));
    const TypeRef type = without_optional(path_.type);
    if (name.empty())
      return !!wrong(begin,
                     1,
                     "expected a field's name in a path",
                     "write `field`, `list[0]` or `map[event.data.key].field`");
    if (type->kind == TypeKind::nothing) return false;
    TypeRef next;
    if (type->kind == TypeKind::object) {
      const types::Field* found = types::find_field(*type, name);
      if (found == nullptr) {
        const auto names = field_names(*type);
        const std::string near = did_you_mean(name, names);
        return !!wrong(begin,
                       name.size(),
                       so_far() + " has no field `" + name + "`",
                       near.empty() ? (names.empty() ? "declare it under `data:`"
                                                     : "its fields: " + list_names(names))
                                    : near);
      }
      next = found->type;
    } else if (type->kind == TypeKind::dyn || type->kind == TypeKind::map) {
      next = type->kind == TypeKind::map ? type->element : types::dyn_type();
    } else {
      return !!wrong(begin,
                     name.size(),
                     so_far() + " is " + types::to_string(*type) + " and has no fields",
                     "");
    }
    path_.removable = type->kind != TypeKind::object || next->kind == TypeKind::optional;
    path_.steps.push_back({name, nullptr});
    path_.type = next;
    at_ = end;
    return true;
  }

  bool index() {
    const std::size_t end = after_bracket(text_, at_);
    if (end == std::string_view::npos)
      return !!wrong(at_, text_.size() - at_, "a `[` that nothing closes", "");
    const std::string_view inside = text_.substr(at_ + 1, end - at_ - 2);
    expr::ProgramRef program = compile_text(unit_, key_, at_ + 1, inside, place_);
    if (program == nullptr) return false;
    const TypeRef type = without_optional(path_.type);
    TypeRef wanted = types::dyn_type();
    if (type->kind == TypeKind::list) {
      wanted = types::simple_type(TypeKind::integer);
    } else if (type->kind == TypeKind::map) {
      wanted = types::simple_type(TypeKind::string);
    } else if (type->kind != TypeKind::dyn) {
      return !!wrong(at_,
                     end - at_,
                     so_far() + " is " + types::to_string(*type) + " and can't be indexed",
                     "only lists and maps can");
    }
    const TypeRef& got = expr::type_of(*program);
    if (!types::assignable(*wanted, *got)) {
      return !!wrong(at_ + 1,
                     inside.size(),
                     "expected " + types::to_string(*wanted) + " as the index of " + so_far() +
                         ", got " + types::to_string(*got),
                     got->kind == TypeKind::optional
                         ? "it may be absent: add .value() where it is certainly there"
                         : "");
    }
    path_.removable = type->kind != TypeKind::list;
    path_.type = type->element == nullptr ? types::dyn_type() : type->element;
    path_.steps.push_back({"", std::move(program)});
    at_ = end;
    return true;
  }

  Unit& unit_;
  const Node& key_;
  std::string_view text_;
  const Place& place_;
  DataPath path_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<DataPath> compile_path(Unit& unit, const Node& key, const Place& place) {
  return PathCompiler(unit, key, place).run();
}

}  // namespace vozex::language

// SPDX-License-Identifier: Apache-2.0
//
// The checker's parts: check.cc walks the tree, check_member.cc types members and indices,
// check_call.cc picks overloads, check_macro.cc types comprehensions, check_hint.cc knows what
// authors usually meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/expr/ast.h"
#include "engine/expr/expr.h"
#include "engine/expr/resolve.h"
#include "engine/expr/unify.h"

namespace vozex::expr {

class Checker {
 public:
  Checker(std::string_view source,
          const Scope& scope,
          const Surroundings& surroundings,
          TyArena& arena,
          std::vector<Problem>& problems)
      : source_(source),
        scope_(scope),
        around_(surroundings),
        arena_(arena),
        types_(arena),
        problems_(problems) {}

  const Ty* check(Ast& node);
  const Ty* settle(const Ty* type) { return types_.substitute(type, true); }

 private:
  // check.cc
  const Ty* type_of(Ast& node);
  const Ty* literal(const Ast& node);
  const Ty* conditional(Ast& node);
  const Ty* list(Ast& node);
  const Ty* map(Ast& node);
  const Ty* concat(Ast& node);
  void condition(const Ast& node, const std::string& what);
  const Ty* unwrap_entry(const Ast& entry, const Ty* type);

  // check_member.cc
  const Ty* select(Ast& node);
  const Ty* selected(Ast& node, const Ty* target);
  const Ty* has(Ast& node);
  const Ty* index(Ast& node);
  const Ty* member(Ast& node, const Ty* target, bool& optional);
  const Ty* no_member(const Ast& node, const Ty& target);
  const Ty* unknown_member(const Ast& node, const Ty& target);

  // check_call.cc
  const Ty* call(Ast& node);
  const FunctionDecl* declaration(const Ast& node) const;
  const Ty* unknown_function(const Ast& node);
  const Ty* resolve_overload(Ast& node,
                             const FunctionDecl& decl,
                             const std::vector<const Ast*>& args);
  const Ty* no_overload(const Ast& node,
                        const FunctionDecl& decl,
                        const std::vector<const Ast*>& args);
  bool secret_read(const Ast& node, const std::vector<const Ast*>& args);
  bool optional_unopened(const FunctionDecl& decl, const std::vector<const Ast*>& args);
  bool equality(const Ast& node);
  void membership(const Ast& node);
  bool option_known(const Ast& word, const Ty& enumeration);
  void literal_arguments(const Ast& node);

  // check_macro.cc
  const Ty* macro(Ast& node);
  const Ty* comprehension(Ast& node, const Ty* range);
  const Ty* opening(Ast& node, const Ty* target);
  bool range_types(
      const Ast& node, const Ty* range, const Ty*& key, const Ty*& value, const Ty*& single);

  // check_hint.cc
  std::string operand_hint(const Ast& node, const std::vector<const Ast*>& args);
  std::string forms_hint(const FunctionDecl& decl) const;
  std::string exact_hint(const std::string& name) const;
  std::string member_hint(const std::string& name) const;
  std::string shape_hint(const Ty* a, const Ty* b);

  // The author's text of a node, cut when long.
  std::string text_of(const Ast& node) const;
  const Ty* problem(std::string_view code,
                    std::string message,
                    std::string hint,
                    std::size_t begin,
                    std::size_t end);
  const Ty* problem(std::string_view code, std::string message, std::string hint, const Ast& node) {
    return problem(code, std::move(message), std::move(hint), node.begin, node.end);
  }
  // The type with bound parameters replaced, for looking at.
  const Ty* now(const Ty* type) { return types_.substitute(type, false); }

  std::string_view source_;
  const Scope& scope_;
  const Surroundings& around_;
  TyArena& arena_;
  Unifier types_;
  std::vector<Problem>& problems_;
  std::vector<const Ty*> locals_;
};

inline bool is_any(const Ty& type) {
  return type.kind == Ty::Kind::dyn || type.kind == Ty::Kind::error || type.kind == Ty::Kind::param;
}
inline bool is_text(const Ty& type) {
  return type.kind == Ty::Kind::string || type.kind == Ty::Kind::enumeration;
}

}  // namespace vozex::expr

// SPDX-License-Identifier: Apache-2.0
//
// Which type may stand where, with type parameters bound on the way. Algorithm: isAssignable,
// joinTypes and mostGeneral of cel-go's checker, extended by declared objects, enumerations
// (strings to expressions), money and the shapes of map literals.
#pragma once

#include <utility>
#include <vector>

#include "engine/expr/ty.h"

namespace vozex::expr {

class Unifier {
 public:
  explicit Unifier(TyArena& arena) : arena_(arena) {}

  // Whether each given type may stand where its candidate is wanted; binds parameters only when all
  // may.
  bool assignable(const std::vector<const Ty*>& given, const std::vector<const Ty*>& wanted);
  bool assignable(const Ty* given, const Ty* wanted);

  // One type for both, dyn when they have nothing in common. A secret makes all it is joined with a
  // secret.
  const Ty* join(const Ty* a, const Ty* b);

  // With bound parameters replaced; unbound ones become dyn when `settle`.
  const Ty* substitute(const Ty* type, bool settle);

  // The overload's types with fresh parameters.
  std::vector<const Ty*> instantiate(const std::vector<const Ty*>& types);

 private:
  using Bindings = std::vector<std::pair<std::string, const Ty*>>;

  bool fits(const Ty* a, const Ty* b);
  bool fits_null(const Ty* other) const;
  bool fits_object(const Ty* object, const Ty* other);
  bool fits_shape(const Ty* object, const Ty* literal);
  bool fits_member(const Ty* given, const Ty* declared);
  bool fits_money(const Ty* other) const;
  bool bind(const Ty* type, const Ty* param, bool& had_one);
  const Ty* bound(const std::string& name) const;
  bool mentions(const Ty* type, const std::string& param) const;
  const Ty* members_joined(const Ty* object);

  TyArena& arena_;
  Bindings bindings_;
};

bool less_specific(const Ty* a, const Ty* b);

}  // namespace vozex::expr

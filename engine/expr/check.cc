// SPDX-License-Identifier: Apache-2.0
#include "engine/expr/check.h"

namespace vozex::expr {

const Ty* check(Tree&, const Scope&, const Surroundings&, TyArena&, std::vector<Problem>&) {
  return simple_ty(Ty::Kind::dyn);
}

}  // namespace vozex::expr

// SPDX-License-Identifier: Apache-2.0
#include "engine/expr/token.h"

namespace vozex::expr {

std::string syntax_hint(const Token* previous, const Token& token) {
  if (token.kind == Tok::word && (token.text == "if" || token.text == "else")) {
    return "write condition ? value : other";
  }
  if (token.kind == Tok::brace_close) {
    return "inside an expression names stand bare; ${...} belongs around the whole";
  }
  if (token.kind == Tok::colon) return "a choice is written condition ? value : other";
  if (token.kind != Tok::ident || previous == nullptr || previous->kind != Tok::ident) return {};
  if (token.text == "is") return "write '=='";
  if (token.text == "then") return "write condition ? value : other";
  const bool method = token.text == "contains" || token.text == "matches" ||
                      token.text == "startsWith" || token.text == "endsWith";
  return method ? "write text." + token.text + "(...)" : "";
}

}  // namespace vozex::expr

// SPDX-License-Identifier: Apache-2.0
//
// Templates: "order ${data.id}". The text is cut at `${` and the brace that closes it; strings and
// braces inside the expression are skipped.
#include "engine/expr/compile.h"
#include "engine/expr/parser.h"
#include "engine/expr/problems.h"
#include "engine/expr/program.h"
#include "engine/expr/token.h"

namespace vozex::expr {
namespace {

struct Piece {
  bool expression = false;
  std::string text;       // of a literal piece
  std::size_t begin = 0;  // of an expression, within the template
  std::size_t end = 0;
};

std::vector<Piece> cut(std::string_view text, std::vector<Problem>& problems) {
  std::vector<Piece> pieces;
  std::string literal;
  const auto flush = [&] {
    if (!literal.empty()) pieces.push_back({false, std::move(literal), 0, 0});
    literal.clear();
  };
  for (std::size_t at = 0; at < text.size();) {
    if (text.substr(at).starts_with("$${")) {
      literal += "${";
      at += 3;
      continue;
    }
    if (!text.substr(at).starts_with("${")) {
      literal += text[at++];
      continue;
    }
    const std::size_t end = closing_brace(text, at + 2);
    if (end == std::string_view::npos) {
      problems.push_back({std::string(code::k_open_template),
                          "this '${' has no closing '}'",
                          "write '$${' for the two signs themselves",
                          at,
                          text.size() - at});
      return pieces;
    }
    flush();
    pieces.push_back({true, "", at + 2, end});
    at = end + 1;
  }
  flush();
  return pieces;
}

ProgramRef plain_text(std::string_view source, std::string text) {
  auto program = std::make_shared<Program>(*constant(types::Value::string(std::move(text)),
                                                     types::simple_type(types::TypeKind::string)));
  program->source = std::string(source);
  return program;
}

}  // namespace

Compiled compile_template(std::string_view text,
                          const Scope& scope,
                          const CompileOptions& options) {
  std::vector<Problem> problems;
  const std::vector<Piece> pieces = cut(text, problems);
  if (!problems.empty()) return tl::unexpected(std::move(problems));
  if (pieces.empty()) return plain_text(text, "");
  if (pieces.size() == 1 && !pieces[0].expression) return plain_text(text, pieces[0].text);
  Tree tree;
  std::vector<Ast*> parts;
  for (const Piece& piece : pieces) {
    if (!piece.expression) {
      parts.push_back(tree.make(AstKind::literal, 0, 0));
      parts.back()->value = types::Value::string(piece.text);
      continue;
    }
    parse(text.substr(piece.begin, piece.end - piece.begin),
          options.limits,
          piece.begin,
          tree,
          problems);
    if (tree.root != nullptr) parts.push_back(tree.root);
    if (tree.root == nullptr && problems.empty()) return tl::unexpected(std::move(problems));
    tree.root = nullptr;
  }
  if (parts.size() != pieces.size()) return tl::unexpected(std::move(problems));
  if (pieces.size() == 1) {
    tree.root = parts[0];
  } else {
    tree.root = tree.make(AstKind::concat, 0, text.size());
    tree.root->args = std::move(parts);
  }
  return finish(tree, text, scope, Surroundings{}, options, std::move(problems));
}

}  // namespace vozex::expr

// SPDX-License-Identifier: Apache-2.0
//
// What the rules of the grammar stand on: the tokens of one text with a place among them, nodes
// that are counted and measured, and the first mistake that ends parsing. Part of the parser.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/expr/ast.h"
#include "engine/expr/expr.h"
#include "engine/expr/problems.h"
#include "engine/expr/token.h"

namespace vozex::expr {

class TokenReader {
 public:
  // What is passed must outlive this.
  TokenReader(std::string_view text,
              const CompileLimits& limits,
              Tree& tree,
              std::vector<Problem>& problems)
      : tokens_(tokenize(text, problems)), limits_(limits), tree_(tree), problems_(problems) {}

 protected:
  const Token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  const Token& take() {
    const Token& token = tokens_[at_];
    if (at_ + 1 < tokens_.size()) ++at_;
    return token;
  }
  bool accept(Tok kind) {
    if (peek().kind != kind) return false;
    take();
    return true;
  }
  std::size_t last_end() const { return at_ == 0 ? 0 : tokens_[at_ - 1].end; }

  // Reports and unwinds; what it returns only keeps callers free of null checks.
  Ast* fail(std::string_view code,
            std::string message,
            std::string hint,
            std::size_t begin,
            std::size_t length) {
    if (!stopped_) {
      problems_.push_back({std::string(code), std::move(message), std::move(hint), begin, length});
    }
    stopped_ = true;
    return make(AstKind::literal, begin, begin + length);
  }

  Ast* unexpected(const std::string& wanted) {
    const Token& token = peek();
    const std::size_t length = std::max<std::size_t>(token.end - token.begin, 1);
    if (token.kind == Tok::word) {
      const std::string hint = syntax_hint(nullptr, token);
      return fail(code::k_reserved_word,
                  "'" + token.text + "' is a reserved word and can't be a name",
                  hint,
                  token.begin,
                  length);
    }
    return fail(code::k_syntax,
                "expected " + wanted + ", found " + describe(token),
                syntax_hint(at_ > 0 ? &tokens_[at_ - 1] : nullptr, token),
                token.begin,
                length);
  }

  void expect(Tok kind, const std::string& wanted) {
    if (stopped_ || accept(kind)) return;
    unexpected(wanted);
  }

  Ast* make(AstKind kind, std::size_t begin, std::size_t end) {
    if (tree_.nodes.size() >= limits_.max_nodes && !stopped_) {
      stopped_ = true;
      problems_.push_back(
          {std::string(code::k_too_big),
           "the expression has more than " + std::to_string(limits_.max_nodes) + " parts",
           "",
           begin,
           1});
    }
    return tree_.make(kind, begin, end);
  }

  // After its children are set: bounds the height of the tree, which later passes walk recursively.
  Ast* done(Ast* node) {
    node->end = last_end();
    std::uint32_t height = node->target == nullptr ? 0 : node->target->height;
    for (const Ast* arg : node->args) height = std::max(height, arg->height);
    node->height = height + 1;
    if (node->height > limits_.max_depth * 5) return too_deep(node->begin);
    return node;
  }

  Ast* too_deep(std::size_t at) {
    return fail(code::k_too_big,
                "the expression is nested more than " + std::to_string(limits_.max_depth) + " deep",
                "",
                at,
                1);
  }

  struct Level {
    explicit Level(std::size_t& depth) : depth_(depth) { ++depth_; }
    ~Level() { --depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    std::size_t& depth_;
  };

  std::vector<Token> tokens_;
  const CompileLimits& limits_;
  Tree& tree_;
  std::vector<Problem>& problems_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  bool stopped_ = false;
};

}  // namespace vozex::expr

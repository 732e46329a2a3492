// SPDX-License-Identifier: Apache-2.0
#include "engine/expr/parser.h"

#include <algorithm>
#include <array>
#include <limits>

#include "engine/base/text.h"
#include "engine/expr/macro.h"
#include "engine/expr/token_reader.h"

namespace vozex::expr {
namespace {

struct Binary {
  Tok token;
  Fn fn;
  int level;  // binds tighter when higher
};
constexpr std::array<Binary, 12> k_binary{{{Tok::equal, Fn::equal, 1},
                                           {Tok::not_equal, Fn::not_equal, 1},
                                           {Tok::less, Fn::less, 1},
                                           {Tok::less_equal, Fn::less_equal, 1},
                                           {Tok::greater, Fn::greater, 1},
                                           {Tok::greater_equal, Fn::greater_equal, 1},
                                           {Tok::key_in, Fn::in, 1},
                                           {Tok::plus, Fn::add, 2},
                                           {Tok::minus, Fn::subtract, 2},
                                           {Tok::star, Fn::multiply, 3},
                                           {Tok::slash, Fn::divide, 3},
                                           {Tok::percent, Fn::modulo, 3}}};

class Parser : private TokenReader {
 public:
  using TokenReader::TokenReader;

  void run() {
    if (peek().kind == Tok::end) {
      if (problems_.empty())
        fail(code::k_empty, "an expression was expected, nothing is there", "", 0, 0);
      return;
    }
    Ast* root = expression();
    if (!stopped_ && peek().kind != Tok::end) unexpected("an operator or the end");
    if (!stopped_) tree_.root = root;
  }

 private:
  Ast* expression() {
    const Level level(depth_);
    if (depth_ > limits_.max_depth) return too_deep(peek().begin);
    Ast* condition = logical(Tok::logical_or, AstKind::logical_or);
    if (stopped_ || peek().kind != Tok::question) return condition;
    Ast* node = make(AstKind::conditional, condition->begin, 0);
    const Token& question = take();
    node->name_begin = question.begin;
    node->name_end = question.end;
    node->function = Fn::conditional;
    Ast* yes = logical(Tok::logical_or, AstKind::logical_or);
    if (!stopped_ && peek().kind == Tok::question) {
      return unexpected("':' (put a choice inside a choice in parentheses)");
    }
    expect(Tok::colon, "':' of the choice");
    if (stopped_) return node;
    node->args = {condition, yes, expression()};
    return done(node);
  }

  Ast* logical(Tok token, AstKind kind) {
    const auto operand = [&] {
      return token == Tok::logical_or ? logical(Tok::logical_and, AstKind::logical_and) : binary(1);
    };
    Ast* first = operand();
    if (stopped_ || peek().kind != token) return first;
    // One node for the whole chain: it is walked in a loop however long it is.
    Ast* node = make(kind, first->begin, 0);
    node->name_begin = peek().begin;
    node->name_end = peek().end;
    node->args.push_back(first);
    while (!stopped_ && accept(token)) node->args.push_back(operand());
    return done(node);
  }

  static const Binary* binary_of(Tok token) {
    const auto found = std::find_if(
        k_binary.begin(), k_binary.end(), [&](const Binary& b) { return b.token == token; });
    return found == k_binary.end() ? nullptr : &*found;
  }

  Ast* binary(int level) {
    Ast* left = level < 3 ? binary(level + 1) : unary();
    for (;;) {
      const Binary* operation = stopped_ ? nullptr : binary_of(peek().kind);
      if (operation == nullptr || operation->level != level) return left;
      const Token& token = take();
      Ast* node = make(AstKind::call, left->begin, 0);
      node->function = operation->fn;
      node->is_operator = true;
      node->name = function_of(operation->fn).name;
      node->name_begin = token.begin;
      node->name_end = token.end;
      Ast* right = level < 3 ? binary(level + 1) : unary();
      node->args = {left, right};
      left = done(node);
    }
  }

  Ast* unary() {
    const Tok kind = peek().kind;
    if (kind != Tok::minus && kind != Tok::bang) return member();
    const Level level(depth_);
    if (depth_ > limits_.max_depth) return too_deep(peek().begin);
    if (kind == Tok::minus && (peek(1).kind == Tok::number || is_real(peek(1)))) return member();
    const Token& token = take();
    Ast* node = make(AstKind::call, token.begin, 0);
    node->function = kind == Tok::minus ? Fn::negate : Fn::logical_not;
    node->is_operator = true;
    node->name = function_of(node->function).name;
    node->name_begin = token.begin;
    node->name_end = token.end;
    node->args = {unary()};
    return done(node);
  }

  static bool is_real(const Token& token) {
    return token.kind == Tok::literal && token.value.kind() == types::Kind::real;
  }

  Ast* member() {
    Ast* node = primary();
    while (!stopped_) {
      if (peek().kind == Tok::dot) {
        node = selection(node);
      } else if (peek().kind == Tok::bracket_open) {
        node = indexing(node);
      } else if (peek().kind == Tok::brace_open &&
                 (node->kind == AstKind::name || node->kind == AstKind::select)) {
        return fail(code::k_message_literal,
                    "message literals are not part of the language",
                    "write a map: {'field': value}",
                    node->begin,
                    peek().end - node->begin);
      } else {
        break;
      }
    }
    return node;
  }

  Ast* selection(Ast* target) {
    take();
    const bool optional = accept(Tok::question);
    const Token& name = peek();
    if (name.kind != Tok::ident) return unexpected("a member's name after '.'");
    take();
    const bool call = !optional && !name.quoted && peek().kind == Tok::paren_open;
    Ast* node = make(call ? AstKind::call : AstKind::select, target->begin, 0);
    node->target = target;
    node->name = name.text;
    node->name_begin = name.begin;
    node->name_end = name.end;
    node->optional = optional;
    if (!call) return done(node);
    node->member = true;
    return call_arguments(node);
  }

  Ast* call_arguments(Ast* node) {
    take();
    while (!stopped_ && peek().kind != Tok::paren_close) {
      node->args.push_back(expression());
      if (!accept(Tok::comma)) break;
      if (!stopped_ && peek().kind == Tok::paren_close)
        return unexpected("another argument after ','");
    }
    expect(Tok::paren_close, "',' or ')'");
    if (stopped_) return node;
    done(node);
    if (auto problem = expand_macro(*node)) {
      problems_.push_back(std::move(*problem));
      // Stands for an expression of unknown type, so that the rest is still looked at.
      node->kind = AstKind::unknown;
      node->target = nullptr;
      node->args.clear();
    }
    return node;
  }

  Ast* indexing(Ast* target) {
    take();
    Ast* node = make(AstKind::index, target->begin, 0);
    node->optional = accept(Tok::question);
    node->function = node->optional ? Fn::optional_index : Fn::index;
    node->target = target;
    node->args = {expression()};
    expect(Tok::bracket_close, "']'");
    return stopped_ ? node : done(node);
  }

  Ast* primary() {
    const Token& token = peek();
    if (token.kind == Tok::paren_open) return parenthesised();
    if (token.kind == Tok::bracket_open) return list();
    if (token.kind == Tok::brace_open) return map();
    if (token.kind == Tok::ident && !token.quoted) return name(false);
    if (token.kind == Tok::dot && peek(1).kind == Tok::ident) {
      take();
      return name(true);
    }
    if (token.kind == Tok::number || token.kind == Tok::minus) return number();
    if (token.kind == Tok::literal) return literal(token.value);
    if (token.kind == Tok::key_true || token.kind == Tok::key_false) {
      return literal(types::Value::boolean(token.kind == Tok::key_true));
    }
    if (token.kind == Tok::key_null) return literal(types::Value());
    return unexpected("a value");
  }

  Ast* literal(types::Value value) {
    const Token& token = take();
    Ast* node = make(AstKind::literal, token.begin, token.end);
    node->value = std::move(value);
    return node;
  }

  // A number with its sign: -9223372036854775808 has no positive counterpart.
  Ast* number() {
    const std::size_t begin = peek().begin;
    const bool negative = accept(Tok::minus);
    if (is_real(peek())) {
      Ast* node = literal(types::Value::real(-peek().value.as_real()));
      node->begin = begin;
      return node;
    }
    const Token& token = take();
    Ast* node = make(AstKind::literal, begin, token.end);
    constexpr auto k_max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (token.magnitude > k_max + (negative ? 1 : 0)) {
      problems_.push_back(
          {std::string(code::k_bad_number),
           "this number is too big for int",
           "ints reach 9223372036854775807; a 'u' behind the number makes it a uint",
           begin,
           token.end - begin});
    }
    node->value = types::Value::integer(
        static_cast<std::int64_t>(negative ? 0 - token.magnitude : token.magnitude));
    return node;
  }

  Ast* parenthesised() {
    const std::size_t begin = take().begin;
    Ast* inner = expression();
    expect(Tok::paren_close, "')'");
    inner->begin = std::min(inner->begin, begin);
    inner->end = last_end();
    return inner;
  }

  Ast* name(bool root) {
    const Token& token = take();
    const bool call = peek().kind == Tok::paren_open;
    Ast* node = make(call ? AstKind::call : AstKind::name, token.begin, token.end);
    node->name = token.text;
    node->name_begin = token.begin;
    node->name_end = token.end;
    node->root = root;
    return call ? call_arguments(node) : node;
  }

  Ast* list() {
    Ast* node = make(AstKind::list, take().begin, 0);
    while (!stopped_ && peek().kind != Tok::bracket_close) {
      node->optional_entries.push_back(accept(Tok::question));
      node->args.push_back(expression());
      if (!accept(Tok::comma)) break;
    }
    expect(Tok::bracket_close, "',' or ']'");
    return stopped_ ? node : done(node);
  }

  Ast* map() {
    Ast* node = make(AstKind::map, take().begin, 0);
    while (!stopped_ && peek().kind != Tok::brace_close) {
      node->optional_entries.push_back(accept(Tok::question));
      node->args.push_back(expression());
      expect(Tok::colon, "':' after the key");
      if (stopped_) break;
      node->args.push_back(expression());
      if (!accept(Tok::comma)) break;
    }
    expect(Tok::brace_close, "',' or '}'");
    return stopped_ ? node : done(node);
  }
};

}  // namespace

void parse(std::string_view text,
           const CompileLimits& limits,
           std::size_t shift,
           Tree& tree,
           std::vector<Problem>& problems) {
  std::vector<Problem> found;
  const std::size_t first = tree.nodes.size();
  if (text.size() > limits.max_bytes) {
    found.push_back({std::string(code::k_too_big),
                     "the expression is longer than " + std::to_string(limits.max_bytes) + " bytes",
                     "",
                     0,
                     text.size()});
  } else if (!is_valid_utf8(text)) {
    found.push_back(
        {std::string(code::k_syntax), "the expression is not valid UTF-8", "", 0, text.size()});
  } else {
    Parser(text, limits, tree, found).run();
  }
  for (Problem& problem : found) {
    problem.offset += shift;
    problems.push_back(std::move(problem));
  }
  for (std::size_t i = first; i < tree.nodes.size(); ++i) {
    Ast& node = tree.nodes[i];
    node.begin += shift;
    node.end += shift;
    node.name_begin += shift;
    node.name_end += shift;
  }
}

}  // namespace vozex::expr

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "engine/base/text.h"
#include "engine/base/time.h"
#include "engine/expr/literal.h"
#include "engine/expr/problems.h"
#include "engine/expr/token.h"

namespace vozex::expr {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name(char c) { return is_name_start(c) || is_digit(c); }
bool is_quoted_name(char c) { return is_name(c) || c == '.' || c == '-' || c == '/' || c == ' '; }

constexpr std::array<std::string_view, 17> k_reserved{"as",
                                                      "break",
                                                      "const",
                                                      "continue",
                                                      "else",
                                                      "for",
                                                      "function",
                                                      "if",
                                                      "import",
                                                      "let",
                                                      "loop",
                                                      "package",
                                                      "namespace",
                                                      "return",
                                                      "var",
                                                      "void",
                                                      "while"};

struct Punctuator {
  std::string_view text;
  Tok kind;
};
constexpr std::array<Punctuator, 25> k_punctuators{{
    {"==", Tok::equal},       {"!=", Tok::not_equal},
    {"<=", Tok::less_equal},  {">=", Tok::greater_equal},
    {"&&", Tok::logical_and}, {"||", Tok::logical_or},
    {"<", Tok::less},         {">", Tok::greater},
    {"(", Tok::paren_open},   {")", Tok::paren_close},
    {"[", Tok::bracket_open}, {"]", Tok::bracket_close},
    {"{", Tok::brace_open},   {"}", Tok::brace_close},
    {".", Tok::dot},          {",", Tok::comma},
    {":", Tok::colon},        {"?", Tok::question},
    {"+", Tok::plus},         {"-", Tok::minus},
    {"*", Tok::star},         {"/", Tok::slash},
    {"%", Tok::percent},      {"!", Tok::bang},
    {"", Tok::end},
}};

// What authors write out of habit, and what CEL writes.
struct Foreign {
  std::string_view text;
  Tok kind;
  std::string_view instead;
};
constexpr std::array<Foreign, 7> k_foreign{{{"===", Tok::equal, "=="},
                                            {"!==", Tok::not_equal, "!="},
                                            {"<>", Tok::not_equal, "!="},
                                            {"=", Tok::equal, "=="},
                                            {"&", Tok::logical_and, "&&"},
                                            {"|", Tok::logical_or, "||"},
                                            {"~", Tok::bang, "!"}}};

class Lexer {
 public:
  Lexer(std::string_view text, std::vector<Problem>& problems) : text_(text), problems_(problems) {}

  std::vector<Token> run() {
    for (;;) {
      skip_blanks();
      if (at_ >= text_.size()) break;
      next();
    }
    Token& last = add(Tok::end, text_.size());
    last.begin = text_.size();
    return std::move(tokens_);
  }

 private:
  Token& add(Tok kind, std::size_t end) {
    Token token;
    token.kind = kind;
    token.begin = at_;
    token.end = end;
    at_ = end;
    tokens_.push_back(std::move(token));
    return tokens_.back();
  }

  void problem(std::string_view code,
               std::string message,
               std::string hint,
               std::size_t begin,
               std::size_t length) {
    problems_.push_back({std::string(code), std::move(message), std::move(hint), begin, length});
  }

  char peek(std::size_t ahead) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void skip_blanks() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '/' && peek(1) == '/') {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
        ++at_;
      } else {
        return;
      }
    }
  }

  void next() {
    const char c = text_[at_];
    if (const auto shape = string_shape(text_, at_)) return string_literal(*shape);
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
    if (is_name_start(c)) return name();
    if (c == '`') return quoted_name();
    punctuator();
  }

  void string_literal(const StringShape& shape) {
    if (!shape.closed) {
      problem(code::k_bad_text_literal, "this text has no closing quote", "", at_, shape.end - at_);
    }
    std::string body = decode_body(text_, shape, problems_);
    Token& token = add(Tok::literal, shape.end);
    token.value =
        shape.bytes ? types::Value::bytes(std::move(body)) : types::Value::string(std::move(body));
  }

  std::size_t digits_from(std::size_t at) const {
    while (at < text_.size() && is_digit(text_[at])) ++at;
    return at;
  }

  void number() {
    if (peek(0) == '0' && (peek(1) == 'x' || peek(1) == 'X') && is_hex(peek(2)))
      return hex_number();
    std::size_t end = digits_from(at_);
    bool real = false;
    if (end + 1 < text_.size() && text_[end] == '.' && is_digit(text_[end + 1])) {
      real = true;
      end = digits_from(end + 1);
    }
    if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
      std::size_t exponent = end + 1;
      if (exponent < text_.size() && (text_[exponent] == '+' || text_[exponent] == '-')) ++exponent;
      if (exponent < text_.size() && is_digit(text_[exponent])) {
        real = true;
        end = digits_from(exponent);
      }
    }
    if (!real) return whole_number(at_, end, 10);
    const std::string digits(text_.substr(at_, end - at_));
    const std::size_t begin = at_;
    Token& token = add(Tok::literal, end);
    const double value = std::strtod(digits.c_str(), nullptr);
    token.value = types::Value::real(value);
    if (std::isinf(value))
      problem(code::k_bad_number, "this number is too big for double", "", begin, end - begin);
    no_name_follows(begin);
  }

  void hex_number() {
    std::size_t end = at_ + 2;
    while (end < text_.size() && is_hex(text_[end])) ++end;
    whole_number(at_ + 2, end, 16);
  }

  void whole_number(std::size_t digits, std::size_t end, int base) {
    std::uint64_t magnitude = 0;
    const auto [stop, error] =
        std::from_chars(text_.data() + digits, text_.data() + end, magnitude, base);
    const std::size_t begin = at_;
    if (error != std::errc() || stop != text_.data() + end) {
      problem(code::k_bad_number, "this number is too big for 64 bits", "", begin, end - begin);
    }
    if (end < text_.size() && (text_[end] == 'u' || text_[end] == 'U')) {
      add(Tok::literal, end + 1).value = types::Value::uint(magnitude);
    } else {
      add(Tok::number, end).magnitude = magnitude;
    }
    no_name_follows(begin);
  }

  void no_name_follows(std::size_t begin) {
    if (at_ >= text_.size() || !is_name_start(text_[at_])) return;
    // `1in` is legal in no one's mind; `2h` is a duration that wants to be one.
    std::size_t end = at_;
    while (end < text_.size() && is_name(text_[end])) ++end;
    const std::string whole(text_.substr(begin, end - begin));
    const bool period = parse_duration(whole).has_value();
    problem(code::k_bad_number,
            "'" + whole + "' is not a number",
            period ? "write duration('" + whole + "')" : "",
            begin,
            end - begin);
    at_ = end;
  }

  void name() {
    std::size_t end = at_;
    while (end < text_.size() && is_name(text_[end])) ++end;
    const std::string_view word = text_.substr(at_, end - at_);
    const bool member =
        !tokens_.empty() && (tokens_.back().kind == Tok::dot || after_optional_dot());
    if (!member) {
      if (word == "true") return void(add(Tok::key_true, end));
      if (word == "false") return void(add(Tok::key_false, end));
      if (word == "null") return void(add(Tok::key_null, end));
      if (word == "in") return void(add(Tok::key_in, end));
      if (foreign_word(word, end)) return;
    }
    const bool reserved = std::find(k_reserved.begin(), k_reserved.end(), word) != k_reserved.end();
    add(reserved && !member ? Tok::word : Tok::ident, end).text = std::string(word);
  }

  bool after_optional_dot() const {
    const std::size_t n = tokens_.size();
    return n >= 2 && tokens_[n - 1].kind == Tok::question && tokens_[n - 2].kind == Tok::dot;
  }

  // `and`, `or`, `not` where an operator or its operand would stand. Fields of these names stay
  // possible.
  bool foreign_word(std::string_view word, std::size_t end) {
    const bool after_operand = !tokens_.empty() && ends_operand(tokens_.back());
    Tok kind = Tok::end;
    std::string_view instead;
    if (word == "and" && after_operand) {
      kind = Tok::logical_and;
      instead = "&&";
    } else if (word == "or" && after_operand) {
      kind = Tok::logical_or;
      instead = "||";
    } else if (word == "not" && !after_operand && starts_operand(end)) {
      kind = Tok::bang;
      instead = "!";
    } else {
      return false;
    }
    problem(code::k_foreign_operator,
            "'" + std::string(word) + "' is not an operator",
            "write '" + std::string(instead) + "'",
            at_,
            end - at_);
    add(kind, end);
    return true;
  }

  static bool ends_operand(const Token& token) {
    constexpr std::array k_ends{Tok::ident,
                                Tok::literal,
                                Tok::number,
                                Tok::key_true,
                                Tok::key_false,
                                Tok::key_null,
                                Tok::paren_close,
                                Tok::bracket_close,
                                Tok::brace_close};
    return std::find(k_ends.begin(), k_ends.end(), token.kind) != k_ends.end();
  }

  bool starts_operand(std::size_t at) const {
    while (at < text_.size() && text_[at] == ' ') ++at;
    return at < text_.size() && (is_name_start(text_[at]) || text_[at] == '(' || text_[at] == '!');
  }

  void quoted_name() {
    std::size_t end = at_ + 1;
    while (end < text_.size() && is_quoted_name(text_[end])) ++end;
    if (end >= text_.size() || text_[end] != '`' || end == at_ + 1) {
      problem(code::k_bad_text_literal,
              "a name in backticks may hold letters, digits, '_', '.', '-', '/' and blanks",
              "use ['...'] for other keys",
              at_,
              1);
      at_ = end < text_.size() ? end + 1 : end;
      return;
    }
    std::string name(text_.substr(at_ + 1, end - at_ - 1));
    Token& token = add(Tok::ident, end + 1);
    token.text = std::move(name);
    token.quoted = true;
  }

  void punctuator() {
    const std::string_view rest = text_.substr(at_);
    for (const Foreign& foreign : k_foreign) {
      if (!rest.starts_with(foreign.text)) continue;
      if (foreign.text.size() == 1 && rest.size() > 1 && rest[1] == rest[0]) continue;
      problem(code::k_foreign_operator,
              "'" + std::string(foreign.text) + "' is not an operator",
              "write '" + std::string(foreign.instead) + "'",
              at_,
              foreign.text.size());
      add(foreign.kind, at_ + foreign.text.size());
      return;
    }
    for (const Punctuator& known : k_punctuators) {
      if (known.text.empty() || !rest.starts_with(known.text)) continue;
      add(known.kind, at_ + known.text.size());
      return;
    }
    std::size_t length = 1;
    while (at_ + length < text_.size() &&
           (static_cast<unsigned char>(text_[at_ + length]) & 0xC0) == 0x80)
      ++length;
    const std::string_view sign = text_.substr(at_, length);
    const bool printable = is_valid_utf8(sign) && static_cast<unsigned char>(sign[0]) > 0x20;
    problem(
        code::k_syntax,
        printable ? "'" + std::string(sign) + "' has no meaning in an expression"
                  : "this character has no meaning in an expression",
        sign == "$" ? "inside an expression names stand bare; ${...} belongs around the whole" : "",
        at_,
        length);
    at_ += length;
  }

  std::string_view text_;
  std::vector<Problem>& problems_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<Token> tokenize(std::string_view text, std::vector<Problem>& problems) {
  return Lexer(text, problems).run();
}

std::size_t skip_string_literal(std::string_view text, std::size_t at) {
  if (at > 0 && is_name(text[at - 1]) && !(text[at] == '"' || text[at] == '\'')) return at;
  const auto shape = string_shape(text, at);
  return shape ? shape->end : at;
}

std::size_t closing_brace(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  while (at < text.size()) {
    const std::size_t past = skip_string_literal(text, at);
    if (past > at) {
      at = past;
      continue;
    }
    if (text[at] == '{') ++depth;
    if (text[at] == '}' && depth-- == 0) return at;
    ++at;
  }
  return std::string_view::npos;
}

std::string describe(const Token& token) {
  if (token.kind == Tok::end) return "the end";
  if (token.kind == Tok::ident || token.kind == Tok::word) return "'" + token.text + "'";
  if (token.kind == Tok::literal)
    return "a " + std::string(types::to_string(token.value.kind())) + " literal";
  if (token.kind == Tok::number) return "a number";
  if (token.kind == Tok::key_true) return "'true'";
  if (token.kind == Tok::key_false) return "'false'";
  if (token.kind == Tok::key_null) return "'null'";
  if (token.kind == Tok::key_in) return "'in'";
  const auto known = std::find_if(k_punctuators.begin(),
                                  k_punctuators.end(),
                                  [&](const Punctuator& p) { return p.kind == token.kind; });
  return known == k_punctuators.end() ? "something else" : "'" + std::string(known->text) + "'";
}

}  // namespace vozex::expr

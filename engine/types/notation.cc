// SPDX-License-Identifier: Apache-2.0
#include "engine/types/notation.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/text.h"

namespace vozex::types {
namespace {

constexpr std::size_t k_max_depth = 32;
constexpr std::size_t k_max_options = 1000;

constexpr std::array<std::pair<std::string_view, TypeKind>, 9> k_simple{{
    {"string", TypeKind::string},
    {"int", TypeKind::integer},
    {"double", TypeKind::real},
    {"bool", TypeKind::boolean},
    {"timestamp", TypeKind::timestamp},
    {"duration", TypeKind::duration},
    {"json", TypeKind::dyn},
    {"money", TypeKind::money},
    {"secret", TypeKind::secret},
}};

constexpr std::array<std::string_view, 4> k_generic{"list", "map", "enum", "optional"};

// What other languages call ours.
constexpr std::array<std::pair<std::string_view, std::string_view>, 24> k_foreign{{
    {"any", "json"},           {"array", "list"},        {"boolean", "bool"}, {"date", "timestamp"},
    {"datetime", "timestamp"}, {"decimal", "double"},    {"dict", "map"},     {"dyn", "json"},
    {"float", "double"},       {"instant", "timestamp"}, {"int32", "int"},    {"int64", "int"},
    {"integer", "int"},        {"interval", "duration"}, {"long", "int"},     {"number", "double"},
    {"object", "json"},        {"password", "secret"},   {"record", "json"},  {"str", "string"},
    {"text", "string"},        {"time", "timestamp"},    {"uint", "int"},     {"uuid", "string"},
}};

bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name_char(char c) {
  return is_name_start(c) || (c >= '0' && c <= '9') || c == '.' || c == '-';
}

// Recursive descent; gives up at the first mistake, as one scalar seldom holds two.
class Parser {
 public:
  using Parsed = tl::expected<TypeRef, NotationError>;

  Parser(std::string_view text, const TypeLookup& named, const std::vector<std::string>& known)
      : text_(text), named_(named), known_(known) {}

  Parsed parse() {
    auto type = parse_one(0);
    skip_spaces();
    if (type && at_ < text_.size()) return unexpected_tail();
    return type;
  }

 private:
  Parsed parse_one(std::size_t depth) {
    skip_spaces();
    const std::size_t begin = at_;
    if (depth >= k_max_depth) return error("types are nested too deeply", begin, 1);
    while (at_ < text_.size() && is_name_char(text_[at_])) ++at_;
    const std::string_view name = text_.substr(begin, at_ - begin);
    if (name.empty()) return missing_name();
    const bool generic = std::find(k_generic.begin(), k_generic.end(), name) != k_generic.end();
    if (generic) return name == "enum" ? parse_enum(begin) : parse_generic(name, begin, depth);
    TypeRef type = find(name);
    if (type == nullptr) return unknown_name(name, begin);
    skip_spaces();
    if (at_ < text_.size() && (peek('<') || peek('('))) {
      return error(
          "the type " + std::string(name) + " takes no arguments", at_, text_.size() - at_);
    }
    return type;
  }

  Parsed parse_generic(std::string_view name, std::size_t begin, std::size_t depth) {
    const std::string word(name);
    skip_spaces();
    if (!peek('<')) {
      return error(
          "expected " + word + "<...>: say what it holds", begin, name.size(), word + "<string>");
    }
    ++at_;
    auto element = parse_one(depth + 1);
    if (!element) return element;
    skip_spaces();
    if (peek(',')) {
      if (name == "map") {
        return error("the keys of a map are always strings: name only the type of its values",
                     begin,
                     name.size(),
                     "map<...>");
      }
      return error(word + " takes one type", at_, 1);
    }
    if (!peek('>')) return error("expected '>' to close " + word + "<", at_, 1);
    ++at_;
    if (name == "list") return list_of(std::move(*element));
    if (name == "map") return map_of(std::move(*element));
    if ((*element)->kind == TypeKind::optional) {
      return error("optional<optional<...>> says no more than optional<...>",
                   begin,
                   at_ - begin,
                   to_string(**element));
    }
    return optional_of(std::move(*element));
  }

  Parsed parse_enum(std::size_t begin) {
    skip_spaces();
    if (!peek('(')) return error("expected enum(a|b): say its options", begin, 4, "enum(a|b)");
    const std::size_t close = text_.find(')', at_);
    if (close == std::string_view::npos) {
      return error("expected ')' to close enum(", text_.size(), 1);
    }
    std::vector<std::string> options;
    for (++at_; at_ <= close;) {
      const std::size_t end = std::min(text_.find('|', at_), close);
      const std::string_view raw = text_.substr(at_, end - at_);
      const std::string_view option = trimmed(raw);
      if (option.empty()) return error("expected an option of enum(...) here", at_, 1);
      const std::size_t offset = at_ + (raw.find(option));
      const std::size_t stray = option.find_first_of("<>(,");
      if (stray != std::string_view::npos) {
        return error("an option of an enum holds no '" + std::string(1, option[stray]) +
                         "'; options are parted by '|'",
                     offset + stray,
                     1);
      }
      if (std::find(options.begin(), options.end(), option) != options.end()) {
        return error("the option " + std::string(option) + " stands twice", offset, option.size());
      }
      if (options.size() == k_max_options) return error("too many options", offset, option.size());
      options.emplace_back(option);
      at_ = end + 1;
    }
    return enum_of(std::move(options));
  }

  TypeRef find(std::string_view name) const {
    for (const auto& [word, kind] : k_simple) {
      if (word == name) return simple_type(kind);
    }
    return named_ ? named_(name) : nullptr;
  }

  Parsed missing_name() {
    if (at_ >= text_.size()) return error("expected a type", at_, 0);
    return error("expected a type, got '" + std::string(1, text_[at_]) + "'", at_, 1);
  }

  Parsed unknown_name(std::string_view name, std::size_t begin) {
    return error("unknown type " + std::string(name), begin, name.size(), nearest_name(name));
  }

  Parsed unexpected_tail() {
    if (peek('?')) {
      const std::string head(trimmed(text_.substr(0, at_)));
      return error("a type that may be absent is written optional<" + head + ">",
                   at_,
                   1,
                   "optional<" + head + ">");
    }
    if (peek('[')) {
      const std::string head(trimmed(text_.substr(0, at_)));
      return error(
          "a list is written list<" + head + ">", at_, text_.size() - at_, "list<" + head + ">");
    }
    return error("expected the type to end here", at_, text_.size() - at_);
  }

  std::string nearest_name(std::string_view name) const {
    std::string lower(name);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    std::vector<std::string> all = known_;
    for (const auto& [word, kind] : k_simple) all.emplace_back(word);
    for (const std::string_view word : k_generic) all.emplace_back(word);
    if (std::find(all.begin(), all.end(), lower) != all.end()) return lower;
    for (const auto& [theirs, ours] : k_foreign) {
      if (theirs == lower) return std::string(ours);
    }
    return nearest(name, all).value_or("");
  }

  tl::unexpected<NotationError> error(std::string message,
                                      std::size_t offset,
                                      std::size_t length,
                                      std::string suggestion = "") const {
    return tl::unexpected(NotationError{std::move(message), std::move(suggestion), offset, length});
  }

  static std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(' ');
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
  }

  bool peek(char c) const { return at_ < text_.size() && text_[at_] == c; }
  void skip_spaces() {
    while (peek(' ')) ++at_;
  }

  std::string_view text_;
  const TypeLookup& named_;
  const std::vector<std::string>& known_;
  std::size_t at_ = 0;
};

}  // namespace

tl::expected<TypeRef, NotationError> parse_type(std::string_view text,
                                                const TypeLookup& named,
                                                const std::vector<std::string>& known_names) {
  return Parser(text, named, known_names).parse();
}

}  // namespace vozex::types

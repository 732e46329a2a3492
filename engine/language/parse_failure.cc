// SPDX-License-Identifier: Apache-2.0
// Which accident made the parser give up.
#include <algorithm>

#include "engine/language/raw_text.h"
#include "engine/language/yaml_accidents.h"

namespace vozex::language {
namespace {

// An accident that took a whole value, which is blanked out.
Accident value_accident(const SourceText& source,
                        const Code& code,
                        std::size_t begin,
                        std::size_t end,
                        std::string message) {
  const std::string_view value = source.text().substr(begin, end - begin);
  Accident found = make_accident(source, code, begin, end, std::move(message), write_quoted(value));
  found.repair = {begin, end};
  return found;
}

bool has_ternary(std::string_view value) {
  const std::size_t question = value.find('?');
  return question != std::string_view::npos && value.find(':', question) != std::string_view::npos;
}

std::optional<Accident> diagnose_value(const SourceText& source,
                                       std::string_view text,
                                       const ParseFailure& failure) {
  if (!failure.value) return std::nullopt;
  const std::size_t begin = *failure.value;
  if (source.line_of(begin) != source.line_of(failure.at)) return std::nullopt;
  const bool flow = !failure.open_flow.empty();
  const std::size_t end = meant_end(text, begin, flow);
  const std::string_view value = text.substr(begin, end - begin);
  if (failure.at >= end) return std::nullopt;
  const char stop = text[failure.at];
  if (is_quote(text[begin])) {
    const std::size_t after = after_quoted(text, begin, end);
    if (after != std::string_view::npos && after < end) {
      return value_accident(source,
                            code::quoted_start,
                            begin,
                            end,
                            "YAML ends this value with the closing quote of " +
                                std::string(text.substr(begin, after - begin)) +
                                ": what follows is not part of it");
    }
  }
  if (has_ternary(value)) {
    return value_accident(source,
                          code::unquoted_ternary,
                          begin,
                          end,
                          "`? :` without quotes: YAML reads the `: ` as the end of a key");
  }
  if (flow && stop == '{' && failure.at > 0 && text[failure.at - 1] == '$') {
    return value_accident(source,
                          code::flow_template,
                          begin,
                          end,
                          "`${` inside {...} or [...]: YAML reads the brace as the start of a map");
  }
  if (flow && (stop == '[' || stop == '{')) {
    return value_accident(source,
                          code::flow_index,
                          begin,
                          end,
                          std::string("`") + stop +
                              "` inside {...} or [...]: YAML reads it as the start of a " +
                              (stop == '[' ? "list" : "map"));
  }
  if (!flow && stop == ':') {
    return value_accident(source,
                          code::colon_in_plain,
                          begin,
                          end,
                          "`: ` inside a value without quotes: YAML reads it as another key");
  }
  return std::nullopt;
}

std::optional<Accident> diagnose_star(const SourceText& source,
                                      std::string_view text,
                                      std::size_t at) {
  if (at >= text.size() || text[at] != '*') return std::nullopt;
  std::size_t end = at + 1;
  while (end < text.size() &&
         (is_word_char(text[end]) || text[end] == '.' || text[end] == '*' || text[end] == '-'))
    ++end;
  const std::size_t next = skip_blanks(text, end);
  if (next < text.size() && text[next] == ':') {
    const std::string word(text.substr(at, end - at));
    Accident found = make_accident(source,
                                   code::star_key,
                                   at,
                                   end,
                                   "`" + word + "` as a key: YAML reads it as an alias",
                                   "put it in quotes: `\"" + word + "\":`");
    found.repair = {at, end};
    found.filler = '_';
    return found;
  }
  Accident found = anchor_accident(source, at);
  found.repair = {at, end};
  return found;
}

std::optional<Accident> diagnose_tab(const SourceText& source, std::size_t at) {
  const std::uint32_t number = source.line_of(at);
  const std::string_view line = source.line(number);
  const std::size_t text_begin = skip_blanks(line, 0);
  const std::size_t tab = line.find('\t');
  if (tab >= text_begin) return std::nullopt;
  const std::size_t start = source.line_start(number);
  return make_accident(source,
                       code::tab_indentation,
                       start + tab,
                       start + text_begin,
                       "a tab in the indentation",
                       "indent with spaces: YAML doesn't allow tabs there");
}

// `{colour: #fff}`: the comment swallowed the closing bracket.
std::optional<Accident> diagnose_comment_in_flow(const SourceText& source,
                                                 std::string_view text,
                                                 const ParseFailure& failure) {
  if (failure.open_flow.empty()) return std::nullopt;
  const std::size_t open = failure.open_flow.back();
  const std::size_t limit = end_of_line(text, open);
  for (std::size_t at = open + 1; at < limit; ++at) {
    if (is_quote(text[at]) && !is_word_char(text[at - 1])) {
      const std::size_t after = after_quoted(text, at, limit);
      if (after == std::string_view::npos) return std::nullopt;
      at = after - 1;
      continue;
    }
    if (text[at] != '#' || !is_blank(text[at - 1])) continue;
    if (!is_text_behind_hash(text.substr(at, limit - at))) return std::nullopt;
    return value_accident(source,
                          code::comment_cut,
                          at,
                          meant_end(text, at, true),
                          "YAML takes this and the rest of the line as a comment");
  }
  return std::nullopt;
}

std::optional<Accident> diagnose_unclosed(const SourceText& source,
                                          std::string_view text,
                                          const ParseFailure& failure) {
  if (failure.open_flow.empty()) return std::nullopt;
  const std::size_t open = failure.open_flow.back();
  const bool flow_reason = failure.reason.find("flow not found") != std::string::npos ||
                           failure.reason.find("EOF") != std::string::npos;
  if (!flow_reason || open >= text.size()) return std::nullopt;
  const std::string bracket(1, text[open]);
  const std::string closing = bracket == "{" ? "}" : "]";
  const std::string where =
      source.line_of(open) == source.line_of(failure.at)
          ? "column " + std::to_string(source.span(failure.at, failure.at).column)
          : "line " + std::to_string(source.line_of(failure.at));
  return make_accident(
      source,
      code::malformed_yaml,
      open,
      open + 1,
      "the `" + bracket + "` here is not closed as it should be: reading failed at " + where,
      "close it with `" + closing + "`, and put a comma between its entries");
}

struct Rephrased {
  std::string_view reason;
  std::string_view message;
  std::string_view hint;
};

constexpr Rephrased k_rephrased[] = {
    {"illegal map value",
     "a `:` where no key can stand",
     "the line above may lack its own `:`, or a value with `: ` in it needs quotes"},
    {"end of map not found",
     "this line doesn't fit the map above it",
     "indent it exactly like the keys it belongs to, and write `key: value`"},
    {"end of sequence not found",
     "this line doesn't fit the list above it",
     "indent `-` exactly like the entries above, or put the line under its own key"},
    {"unknown token",
     "a value without quotes can't begin with this character",
     "put the value in quotes"},
    {"illegal flow end",
     "a closing bracket without an opening one",
     "remove it, or open it before"},
    {"illegal block entry",
     "a list entry `- ` where none can stand",
     "put the list on lines of its own below its key"},
    {"illegal EOF in scalar", "the text in quotes is never closed", "close the quotes"},
    {"unknown escape character",
     "an escape that YAML doesn't know inside double quotes",
     "write \\\\ for a backslash, or use single quotes"},
    {"illegal map key",
     "a key where none can stand",
     "put it on a line of its own, indented like the keys around it"},
};

Accident diagnose_generic(const SourceText& source, const ParseFailure& failure) {
  const std::size_t at = std::min(failure.at, source.text().size());
  std::string message = "not valid YAML: " + failure.reason;
  std::string hint;
  for (const Rephrased& entry : k_rephrased) {
    if (failure.reason.find(entry.reason) == std::string::npos) continue;
    message = "not valid YAML: " + std::string(entry.message);
    hint = std::string(entry.hint);
    break;
  }
  return make_accident(source, code::malformed_yaml, at, at + 1, message, hint);
}

}  // namespace

Accident diagnose(const SourceText& source, std::string_view text, const ParseFailure& failure) {
  if (auto found = diagnose_tab(source, failure.at)) return *found;
  if (auto found = diagnose_star(source, text, failure.at)) return *found;
  if (failure.at < text.size() && text[failure.at] == '!')
    return tag_accident(source, failure.at, !failure.open_flow.empty());
  if (auto found = diagnose_value(source, text, failure)) return *found;
  const bool odd_start =
      failure.at < text.size() &&
      (text[failure.at] == '@' || text[failure.at] == '`' || text[failure.at] == '%');
  if (odd_start) {
    const std::size_t end = meant_end(text, failure.at, !failure.open_flow.empty());
    return value_accident(
        source,
        code::malformed_yaml,
        failure.at,
        end,
        std::string("a value without quotes can't begin with `") + text[failure.at] + "`");
  }
  if (auto found = diagnose_comment_in_flow(source, text, failure)) return *found;
  if (auto found = diagnose_unclosed(source, text, failure)) return *found;
  return diagnose_generic(source, failure);
}

}  // namespace vozex::language

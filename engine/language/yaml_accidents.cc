// SPDX-License-Identifier: Apache-2.0
#include "engine/language/yaml_accidents.h"

#include <algorithm>
#include <cctype>

namespace vozex::language {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t'; }
bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_quote(char c) { return c == '\'' || c == '"'; }

std::size_t skip_spaces(std::string_view text, std::size_t at) {
  while (at < text.size() && is_space(text[at])) ++at;
  return at;
}

std::size_t end_of_line(std::string_view text, std::size_t at) {
  const std::size_t end = std::min(text.find('\n', at), text.size());
  return end > at && text[end - 1] == '\r' ? end - 1 : end;
}

// Behind the closing quote of the quoted text that begins at `at`; npos when its line doesn't close
// it.
std::size_t after_quoted(std::string_view text, std::size_t at, std::size_t limit) {
  const char quote = text[at];
  for (std::size_t i = at + 1; i < limit; ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (quote == '\'' && i + 1 < limit && text[i + 1] == quote) {
        ++i;
      } else {
        return i + 1;
      }
    }
  }
  return std::string_view::npos;
}

// How far the author meant the value at `begin` to go: to the comma or bracket that ends it in flow
// style, else to the end of the line or a comment.
std::size_t meant_end(std::string_view text, std::size_t begin, bool flow) {
  const std::size_t limit = end_of_line(text, begin);
  int depth = 0;
  std::size_t at = begin;
  while (at < limit) {
    const char c = text[at];
    if (is_quote(c) && (at == begin || !is_word(text[at - 1]))) {
      const std::size_t after = after_quoted(text, at, limit);
      at = after == std::string_view::npos ? at + 1 : after;
      continue;
    }
    if (c == '#' && at > begin && is_space(text[at - 1])) break;
    if (flow && depth == 0 && (c == ',' || c == '}' || c == ']')) break;
    if (c == '(' || c == '[' || c == '{') ++depth;
    if (c == ')' || c == ']' || c == '}') --depth;
    ++at;
  }
  while (at > begin && is_space(text[at - 1])) --at;
  return at;
}

// The text in quotes that YAML takes as it is.
std::string quoted(std::string_view text) {
  if (text.find('"') == std::string_view::npos && text.find('\\') == std::string_view::npos) {
    return "\"" + std::string(text) + "\"";
  }
  std::string out = "'";
  for (const char c : text) {
    out += c;
    if (c == '\'') out += c;
  }
  return out + "'";
}

std::string write_quoted(std::string_view text) {
  return "put the whole value in quotes: `" + quoted(text) + "`";
}

Accident accident(const SourceText& source,
                  const Code& code,
                  std::size_t begin,
                  std::size_t end,
                  std::string message,
                  std::string hint) {
  return {&code, source.span(begin, end), std::move(message), std::move(hint), std::nullopt, '~'};
}

// An accident that took a whole value, which is blanked out.
Accident value_accident(const SourceText& source,
                        const Code& code,
                        std::size_t begin,
                        std::size_t end,
                        std::string message) {
  const std::string_view value = source.text().substr(begin, end - begin);
  Accident found = accident(source, code, begin, end, std::move(message), write_quoted(value));
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
         (is_word(text[end]) || text[end] == '.' || text[end] == '*' || text[end] == '-'))
    ++end;
  const std::size_t next = skip_spaces(text, end);
  if (next < text.size() && text[next] == ':') {
    const std::string word(text.substr(at, end - at));
    Accident found = accident(source,
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
  const std::size_t text_begin = skip_spaces(line, 0);
  const std::size_t tab = line.find('\t');
  if (tab >= text_begin) return std::nullopt;
  const std::size_t start = source.line_start(number);
  return accident(source,
                  code::tab_indentation,
                  start + tab,
                  start + text_begin,
                  "a tab in the indentation",
                  "indent with spaces: YAML doesn't allow tabs there");
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
  return accident(
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
  return accident(source, code::malformed_yaml, at, at + 1, message, hint);
}

// Opening quotes (at the start or behind a blank, bracket or operator) that nothing closes, or open
// brackets.
bool is_cut_short(std::string_view text) {
  int depth = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (is_quote(c) && (at == 0 || !is_word(text[at - 1]))) {
      const std::size_t after = after_quoted(text, at, text.size());
      if (after == std::string_view::npos) return true;
      at = after - 1;
      continue;
    }
    if (c == '(' || c == '[' || c == '{') ++depth;
    if (c == ')' || c == ']' || c == '}') --depth;
  }
  return depth > 0;
}

// `#` with text directly behind it: `#5`, `#fff`; a comment has a blank there.
bool looks_like_text(std::string_view comment) {
  return comment.size() > 1 && (is_word(comment[1]) || comment[1] == '{' || comment[1] == '\'');
}

}  // namespace

Accident diagnose(const SourceText& source, std::string_view text, const ParseFailure& failure) {
  if (auto found = diagnose_tab(source, failure.at)) return *found;
  if (auto found = diagnose_star(source, text, failure.at)) return *found;
  if (failure.at < text.size() && text[failure.at] == '!') return tag_accident(source, failure.at);
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
  if (auto found = diagnose_unclosed(source, text, failure)) return *found;
  return diagnose_generic(source, failure);
}

std::optional<Accident> comment_cut(const SourceText& source, const Node& scalar) {
  const std::string_view text = source.text();
  const std::size_t hash = skip_spaces(text, scalar.end);
  if (hash == scalar.end || hash >= text.size() || text[hash] != '#') return std::nullopt;
  const std::size_t end = end_of_line(text, hash);
  if (!is_cut_short(scalar.text) && !looks_like_text(text.substr(hash, end - hash)))
    return std::nullopt;
  return accident(source,
                  code::comment_cut,
                  hash,
                  end,
                  "YAML takes this as a comment: the value is only `" + scalar.text + "`",
                  "if it belongs to the value, " +
                      write_quoted(text.substr(scalar.begin, end - scalar.begin)).substr(0) +
                      "; a comment has a blank behind its #");
}

std::optional<Accident> comment_instead_of_value(const SourceText& source, const Node& key) {
  const std::string_view text = source.text();
  const std::size_t colon = skip_spaces(text, key.end);
  if (colon >= text.size() || text[colon] != ':') return std::nullopt;
  const std::size_t hash = skip_spaces(text, colon + 1);
  if (hash >= text.size() || text[hash] != '#') return std::nullopt;
  const std::size_t end = end_of_line(text, hash);
  if (!looks_like_text(text.substr(hash, end - hash))) return std::nullopt;
  return accident(
      source,
      code::comment_cut,
      hash,
      end,
      "YAML takes this as a comment: `" + key.text + "` has no value",
      write_quoted(text.substr(hash, end - hash)) + "; a comment has a blank behind its #");
}

Accident tag_accident(const SourceText& source, std::size_t begin) {
  const std::string_view text = source.text();
  std::size_t end = begin;
  while (end < text.size() && !std::isspace(static_cast<unsigned char>(text[end]))) ++end;
  const bool flow_tail =
      end > begin && (text[end - 1] == ',' || text[end - 1] == '}' || text[end - 1] == ']');
  if (flow_tail) --end;
  const std::size_t meant = meant_end(text, begin, flow_tail);
  const std::string tag(text.substr(begin, end - begin));
  if (tag.starts_with("!!") || tag.starts_with("!<")) {
    return accident(source,
                    code::yaml_tag,
                    begin,
                    end,
                    "`" + tag + "` is a YAML tag: tags mean nothing here",
                    "leave it out: the declared type decides what a value is");
  }
  return accident(source,
                  code::yaml_tag,
                  begin,
                  meant,
                  "YAML reads `" + tag + "` as a tag, not as a negation: the value would be lost",
                  write_quoted(text.substr(begin, meant - begin)));
}

Accident anchor_accident(const SourceText& source, std::size_t begin) {
  const std::string_view text = source.text();
  std::size_t end = begin + 1;
  while (end < text.size() && (is_word(text[end]) || text[end] == '-' || text[end] == '.')) ++end;
  const std::string word(text.substr(begin, end - begin));
  if (word.starts_with("&")) {
    return accident(source,
                    code::anchor,
                    begin,
                    end,
                    "`" + word + "` is a YAML anchor: anchors are not part of the language",
                    "share types, events and policies in a `types_of:` file; put a text that "
                    "begins with & in quotes");
  }
  return accident(
      source,
      code::anchor,
      begin,
      end,
      "`" + word + "` is a YAML alias: anchors and aliases are not part of the language",
      "write the value out; put a text that begins with * in quotes");
}

int open_parentheses(std::string_view text) {
  int depth = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_quote(text[at]) && (at == 0 || !is_word(text[at - 1]))) {
      const std::size_t after = after_quoted(text, at, text.size());
      if (after != std::string_view::npos) at = after - 1;
      continue;
    }
    if (text[at] == '(') ++depth;
    if (text[at] == ')') --depth;
  }
  return depth;
}

}  // namespace vozex::language

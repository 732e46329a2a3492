// SPDX-License-Identifier: Apache-2.0
#include "engine/language/collection_checks.h"

#include <algorithm>
#include <map>
#include <vector>

#include "engine/language/raw_text.h"

namespace vozex::language {
namespace {

// The entries behind `first` that are the rest of its call: one behind the last, and where their
// text ends.
struct Rest {
  std::size_t last;
  std::size_t end;
  bool closed;  // a lone parenthesis in prose is no call
};

Rest rest_of_call(const Node& node, std::size_t first) {
  const Node& value = node.items[first];
  int open = open_parentheses(value.text);
  Rest rest{first + 1, value.end, false};
  while (rest.last < node.items.size() && open > 0) {
    const Node& part = node.is_map() ? node.keys[rest.last] : node.items[rest.last];
    open += open_parentheses(part.text);
    rest.end = std::max(part.end, rest.end);
    ++rest.last;
  }
  rest.closed = open <= 0;
  return rest;
}

void erase(std::vector<Node>& nodes, std::size_t from, std::size_t to) {
  nodes.erase(nodes.begin() + static_cast<std::ptrdiff_t>(from),
              nodes.begin() + static_cast<std::ptrdiff_t>(to));
}

// `? key` on the key's own line.
bool is_explicit_key(std::string_view before) {
  const std::size_t last = before.find_last_not_of(' ');
  if (last == std::string_view::npos || before[last] != '?') return false;
  return last == 0 || before[last - 1] == ' ' || before[last - 1] == '{';
}

// Why a key can't stand, reported.
bool is_bad_key(const Node& key, std::string_view text, Report& report) {
  if (key.broken) return true;
  if (!key.is_scalar()) {
    report.error(code::complex_key,
                 key.span,
                 "a key must be a plain word, got " + describe(key),
                 "an expression with `{`, `[` or `? :` needs quotes");
    return true;
  }
  if (key.text == "<<") {
    report.error(code::merge_key,
                 key.span,
                 "`<<` merges YAML maps: that is not part of the language",
                 "write the keys out, or share types and policies in a `types_of:` file");
    return true;
  }
  const SourceText& source = report.source();
  const std::size_t line = source.line_start(source.line_of(key.begin));
  const std::string_view before = text.substr(line, key.begin - line);
  if (!is_explicit_key(before)) return false;
  report.error(code::complex_key,
               source.span(line + before.rfind('?'), key.end),
               "`? ` makes a YAML key of what follows it",
               "put an expression with `? :` in quotes");
  return true;
}

void drop_members(Node& map, const std::vector<bool>& drop) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < drop.size(); ++i) {
    if (drop[i]) continue;
    if (kept != i) {
      map.keys[kept] = std::move(map.keys[i]);
      map.items[kept] = std::move(map.items[i]);
    }
    ++kept;
  }
  map.cut = map.cut || kept < drop.size();
  map.keys.resize(kept);
  map.items.resize(kept);
}

}  // namespace

void mend_cut_calls(Node& node, std::string_view text, Report& report) {
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    Node& value = node.items[i];
    if (value.broken || !value.is_plain() || open_parentheses(value.text) <= 0) continue;
    const Rest rest = rest_of_call(node, i);
    if (rest.last == i + 1 || !rest.closed) continue;
    const std::string meant(text.substr(value.begin, rest.end - value.begin));
    report.error(code::cut_at_comma,
                 report.source().span(value.begin, rest.end),
                 "YAML cuts this value at the comma: it is only `" + value.text + "`",
                 write_quoted(meant));
    value.broken = true;
    erase(node.items, i + 1, rest.last);
    if (node.is_map()) erase(node.keys, i + 1, rest.last);
  }
}

void check_keys(Node& map, std::string_view text, Report& report) {
  std::map<std::string_view, const Node*> seen;
  std::vector<bool> drop(map.keys.size(), false);
  for (std::size_t i = 0; i < map.keys.size(); ++i) {
    const Node& key = map.keys[i];
    drop[i] = is_bad_key(key, text, report);
    if (drop[i]) continue;
    const auto [first, fresh] = seen.emplace(key.text, &key);
    if (fresh) continue;
    drop[i] = true;
    report.error(code::duplicate_key,
                 key.span,
                 "`" + key.text + "` stands here twice: it was given in line " +
                     std::to_string(first->second->span.line),
                 "remove one of them, or make one entry of both");
  }
  drop_members(map, drop);
}

}  // namespace vozex::language

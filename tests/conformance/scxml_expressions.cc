// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/scxml_expressions.h"

#include <cctype>

namespace vozex::conformance {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Calls `replace(name)` for each word after `prefix`, where the prefix begins a word outside of
// quotes.
template <class Replace>
std::string rewrite(const std::string& text, const std::string& prefix, Replace replace) {
  std::string out;
  char quote = 0;
  for (std::size_t i = 0; i < text.size();) {
    const bool starts = quote == 0 && text.compare(i, prefix.size(), prefix) == 0 &&
                        (i == 0 || (!is_word(text[i - 1]) && text[i - 1] != '.'));
    if (!starts) {
      if (quote == 0 && (text[i] == '\'' || text[i] == '"')) {
        quote = text[i];
      } else if (text[i] == quote) {
        quote = 0;
      }
      out += text[i++];
      continue;
    }
    std::size_t end = i + prefix.size();
    while (end < text.size() && is_word(text[end])) ++end;
    out += replace(text.substr(i + prefix.size(), end - i - prefix.size()));
    i = end;
  }
  return out;
}

// `_event.data` by itself.
std::string replace_whole_body(std::string text) {
  const std::string body = "_event.data";
  const std::string ours = std::string("event.data.") + k_whole + ".orValue(null)";
  for (std::size_t at = text.find(body); at != std::string::npos; at = text.find(body, at + 1)) {
    text.replace(at, body.size(), ours);
  }
  return text;
}

constexpr const char* k_failing = "1 / 0";

}  // namespace

bool mentions_event(const std::string& text) { return text.find("_event") != std::string::npos; }

std::string substitute(const std::string& text, const std::map<std::string, std::string>& values) {
  return rewrite(text, "data.", [&](const std::string& name) {
    const auto found = values.find(name);
    return found != values.end() ? "(" + found->second + ")" : "data." + name;
  });
}

std::string translate_expression(const std::string& text, const Names& names) {
  bool known = true;
  std::string out = rewrite(text, "has(data.", [&](const std::string& name) {
    // What isn't declared is nowhere: the answer is known, and the rest must only compile.
    return names.data.contains(name) ? "has(data." + name : "dyn(false";
  });
  out = rewrite(out, "data.", [&](const std::string& name) {
    known = known && names.data.contains(name);
    return names.data.contains(name) ? "data." + name : std::string("dyn(1 / 0)");
  });
  if (!known && out.find("dyn(false") == std::string::npos) return k_failing;
  if (out.find("_sessionid") != std::string::npos || out.find("_ioprocessors") != std::string::npos)
    return k_failing;
  // Our events say neither: which invoke ended stands in the name.
  for (const char* field : {"sendid", "invokeid"}) {
    out = rewrite(
        out, std::string("has(_event.") + field, [](const std::string&) { return "dyn(false"; });
  }
  out = rewrite(out, "_event.sendid", [](const std::string&) { return "null"; });
  out = rewrite(out, "_event.invokeid", [](const std::string&) {
    return "(event.name.startsWith('done.invoke.') ? dyn(event.name.substring(12)) : dyn(null))";
  });
  out = rewrite(out, "_event.data.", [](const std::string& field) {
    return "event.data." + field + ".orValue(null)";
  });
  out = replace_whole_body(out);
  out = rewrite(out, "_event", [](const std::string& rest) { return "event" + rest; });
  out = rewrite(
      out, "In", [](const std::string& rest) { return rest.empty() ? "in_state" : "In" + rest; });
  for (std::size_t at = out.find("in_state('"); at != std::string::npos;
       at = out.find("in_state('", at + 1)) {
    const std::size_t begin = at + 10;
    const std::size_t end = out.find('\'', begin);
    const auto path = names.paths.find(out.substr(begin, end - begin));
    if (path != names.paths.end()) out.replace(begin, end - begin, path->second);
  }
  return out;
}

}  // namespace vozex::conformance

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
std::string replace_all(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

constexpr const char* k_failing = "1 / 0";

// The members of `_event`, where the event's name and data are these expressions. What our events
// don't carry travels in their data; a member that isn't there is null.
std::string translate_event(std::string out,
                            const std::string& name,
                            const std::string& data,
                            const Names& names) {
  // A member of the data, or of a body that was sent whole.
  const auto member = [&](const std::string& field) {
    const std::string own = data + ".?" + field;
    if (!names.bodies || field == k_whole) return own;
    return own + ".or(" + data + ".?" + k_whole + ".?" + field + ")";
  };
  for (const auto& [theirs, ours] :
       {std::pair{"sendid", k_send_id}, std::pair{"invokeid", k_invoke_id}}) {
    out = replace_all(out, std::string("has(_event.") + theirs + ")", member(ours) + ".hasValue()");
  }
  out = replace_all(out, "_event.sendid", member(k_send_id) + ".orValue(null)");
  // An event that carries no origin has none.
  for (const char* field : {"origin", "origintype"}) {
    const std::string whole = std::string("_event.") + field;
    out = replace_all(out, "has(" + whole + ")", "dyn(false)");
    out = replace_all(out, "!dyn(false) || " + whole + " == null", "dyn(true)");
  }
  std::string ended = name + ".substring(12)";
  for (const auto& [ours, theirs] : names.invoke_ids)
    ended += ".replace('" + ours + "', '" + theirs + "')";
  out = replace_all(out,
                    "_event.invokeid",
                    "(" + name + ".startsWith('done.invoke.') ? dyn(" + ended + ") : dyn(" +
                        member(k_invoke_id) + ".orValue(null)))");
  out = replace_all(out,
                    "_event.type",
                    "(" + name + ".startsWith('error.') || " + name +
                        ".startsWith('done.state.') ? 'platform' : event.source == 'internal' ? "
                        "'internal' : 'external')");
  out = replace_all(out, "has(_event.data)", "true");
  out = rewrite(out, "has(_event.data.", [&](const std::string& field) {
    return "bool(" + member(field) + ".hasValue()";
  });
  out = rewrite(out, "_event.data.", [&](const std::string& field) {
    return member(field) + ".orValue(null)";
  });
  out = replace_all(out, "_event.data", member(k_whole) + ".orValue(null)");
  return replace_all(out, "_event.name", name);
}

}  // namespace

bool mentions_event(const std::string& text) { return text.find("_event") != std::string::npos; }

std::string translate_kept_event(const std::string& text, const Names& names) {
  const std::string name = std::string("data.") + k_event_name;
  const std::string out = translate_event(text, name, std::string("data.") + k_event_data, names);
  // By itself: whether there is one.
  return rewrite(out, "_event", [&](const std::string& rest) {
    return rest.empty() ? name : "_event" + rest;
  });
}

std::set<std::string> event_members(const std::string& text) {
  const std::string body = "_event.data";
  std::set<std::string> members;
  for (std::size_t at = text.find(body); at != std::string::npos; at = text.find(body, at + 1)) {
    std::size_t begin = at + body.size();
    if (text.compare(begin, 1, ".") != 0) {
      members.insert(k_whole);
      continue;
    }
    std::size_t end = ++begin;
    while (end < text.size() && is_word(text[end])) ++end;
    members.insert(text.substr(begin, end - begin));
  }
  if (text.find("_event.sendid") != std::string::npos) members.insert(k_send_id);
  if (text.find("_event.invokeid") != std::string::npos) members.insert(k_invoke_id);
  return members;
}

std::string substitute(const std::string& text, const std::map<std::string, std::string>& values) {
  return rewrite(text, "data.", [&](const std::string& name) {
    const auto found = values.find(name);
    return found != values.end() ? "(" + found->second + ")" : "data." + name;
  });
}

std::string translate_expression(const std::string& text, const Names& names, bool as_condition) {
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
  if (out.find("_ioprocessors") != std::string::npos) return k_failing;
  out = rewrite(out, "_sessionid", [](const std::string&) { return "instance.id"; });
  out = rewrite(out, "_name", [&](const std::string&) { return "'" + names.machine + "'"; });
  out = translate_event(out, "event.name", "event.data", names);
  out = rewrite(out, "_event", [](const std::string& rest) { return "event" + rest; });
  out = rewrite(
      out, "In", [](const std::string& rest) { return rest.empty() ? "in_state" : "In" + rest; });
  // What is no condition is refused when it is compiled; in SCXML it fails when it is asked.
  const bool literal =
      !out.empty() &&
      (out.front() == '\'' || std::isdigit(static_cast<unsigned char>(out.front())) != 0) &&
      out.find_first_of(" =<>!&|?([.+") == std::string::npos;
  if (literal && as_condition) return "dyn(instance.id)";  // text, known only when it runs
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

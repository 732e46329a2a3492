// SPDX-License-Identifier: Apache-2.0
#include "engine/types/constraints.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <memory>
#include <unordered_map>

#include <re2/re2.h>

#include "engine/base/ids.h"
#include "engine/base/time.h"

namespace vozex::types {
namespace {

constexpr std::size_t k_max_email = 254;       // RFC 5321, 4.5.3.1.3
constexpr std::size_t k_max_email_local = 64;  // RFC 5321, 4.5.3.1.1
constexpr std::size_t k_max_hostname = 253;    // RFC 1035, in text
constexpr std::size_t k_max_label = 63;
constexpr std::int64_t k_max_pattern_memory = 1 << 20;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

// Calls `test` with each part of `text` between separators.
template <class Test>
bool all_parts(std::string_view text, char separator, Test test) {
  for (;;) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (!test(text.substr(0, end))) return false;
    if (end == text.size()) return true;
    text.remove_prefix(end + 1);
  }
}

// RFC 1123, section 2.1.
bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= k_max_label && label.front() != '-' &&
         label.back() != '-' && std::all_of(label.begin(), label.end(), [](char c) {
           return is_digit(c) || is_letter(c) || c == '-';
         });
}

bool is_hostname(std::string_view text) {
  return text.size() <= k_max_hostname && all_parts(text, '.', is_label);
}

// RFC 5321's Mailbox with a dot-string before the @ (no quoted strings, no address literals: nobody
// who types one of those means it).
bool is_email(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || text.size() > k_max_email || at > k_max_email_local) {
    return false;
  }
  const auto is_atom = [](std::string_view atom) {
    return !atom.empty() && std::all_of(atom.begin(), atom.end(), [](char c) {
      return is_digit(c) || is_letter(c) || is_one_of(c, "!#$%&'*+-/=?^_`{|}~");
    });
  };
  return all_parts(text.substr(0, at), '.', is_atom) && is_hostname(text.substr(at + 1));
}

// RFC 3986: a scheme, then only the characters that a URI may hold, escapes complete; where there
// is an authority of http or https, it is not empty.
bool is_uri(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || !is_letter(text[0])) return false;
  const std::string_view scheme = text.substr(0, colon);
  const bool scheme_ok = std::all_of(scheme.begin(), scheme.end(), [](char c) {
    return is_letter(c) || is_digit(c) || is_one_of(c, "+-.");
  });
  if (!scheme_ok) return false;
  const std::string_view rest = text.substr(colon + 1);
  bool fragment = false;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const char c = rest[i];
    if (c == '%') {
      if (i + 2 >= rest.size() || !is_hex(rest[i + 1]) || !is_hex(rest[i + 2])) return false;
      i += 2;
    } else if (c == '#') {
      if (fragment) return false;
      fragment = true;
    } else if (!is_letter(c) && !is_digit(c) && !is_one_of(c, "-._~:/?[]@!$&'()*+,;=")) {
      return false;
    }
  }
  if (scheme != "http" && scheme != "https") return !rest.empty();
  return rest.size() > 2 && rest.substr(0, 2) == "//" && !is_one_of(rest[2], "/?#");
}

bool is_date(std::string_view text) {
  return text.size() == 10 && parse_timestamp(std::string(text) + "T00:00:00Z").has_value();
}

bool is_date_time(std::string_view text) {
  return text.size() > 10 && text[10] != ' ' && parse_timestamp(text).has_value();
}

bool is_address(std::string_view text, int family) {
  std::array<unsigned char, sizeof(in6_addr)> address;
  const std::string terminated(text);
  return text.find('\0') == std::string_view::npos &&
         inet_pton(family, terminated.c_str(), address.data()) == 1;
}

RE2::Options pattern_options() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(k_max_pattern_memory);
  return options;
}

}  // namespace

const std::vector<std::string>& known_formats() {
  static const std::vector<std::string> k_formats = {
      "email", "uri", "uuid", "date", "date-time", "hostname", "ipv4", "ipv6"};
  return k_formats;
}

bool matches_format(std::string_view text, std::string_view format) {
  if (format == "email") return is_email(text);
  if (format == "uri") return is_uri(text);
  if (format == "uuid") return parse_uuid(text).has_value();
  if (format == "date") return is_date(text);
  if (format == "date-time") return is_date_time(text);
  if (format == "hostname") return is_hostname(text);
  if (format == "ipv4") return is_address(text, AF_INET);
  if (format == "ipv6") return is_address(text, AF_INET6);
  return false;
}

bool matches_pattern(std::string_view text, const std::string& pattern) {
  // A memo, not state: what it answers depends on the arguments alone.
  thread_local std::unordered_map<std::string, std::unique_ptr<RE2>> kept;
  auto at = kept.find(pattern);
  if (at == kept.end()) {
    if (kept.size() >= k_max_kept_patterns) kept.clear();
    at = kept.emplace(pattern, std::make_unique<RE2>(pattern, pattern_options())).first;
  }
  return at->second->ok() &&
         RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *at->second);
}

std::optional<std::string> pattern_problem(const std::string& pattern) {
  const RE2 compiled(pattern, pattern_options());
  if (compiled.ok()) return std::nullopt;
  return compiled.error();
}

}  // namespace vozex::types

// SPDX-License-Identifier: Apache-2.0
// `request` of an HTTP operation.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "engine/expr/token.h"
#include "engine/language/http_adapter.h"
#include "engine/language/literals.h"

namespace vozex::language {
namespace {

using types::Type;
using types::TypeKind;

bool is_scalar(const Type& type) {
  switch (type.kind) {
    case TypeKind::dyn:
    case TypeKind::boolean:
    case TypeKind::integer:
    case TypeKind::uint:
    case TypeKind::real:
    case TypeKind::string:
    case TypeKind::timestamp:
    case TypeKind::duration:
    case TypeKind::enumeration:
    case TypeKind::nothing: return true;
    case TypeKind::null:
    case TypeKind::bytes:
    case TypeKind::money:
    case TypeKind::secret:
    case TypeKind::list:
    case TypeKind::map:
    case TypeKind::object:
    case TypeKind::optional:
    case TypeKind::type: return false;
  }
  return false;
}

enum class Allowed : std::uint8_t { scalar, optional, list };

bool is_allowed(const Type& type, Allowed allowed) {
  if (is_scalar(type)) return true;
  if (allowed == Allowed::scalar) return false;
  const Type& inner = without_optional(type);
  if (is_scalar(inner)) return true;
  return allowed == Allowed::list && inner.kind == TypeKind::list && is_scalar(*inner.element);
}

bool check_textual(
    Unit& unit, const Node& node, const Type& type, const std::string& what, Allowed allowed) {
  if (is_allowed(type, allowed)) return true;
  const char* wanted =
      allowed == Allowed::list ? "a text, a number or a list of them" : "a text or a number";
  unit.report.error(
      code::wrong_type,
      node.span,
      "expected " + std::string(wanted) + " for " + what + ", got " + types::to_string(type),
      type.kind == TypeKind::optional
          ? "it may be absent: add .orValue(...) for a value to use then"
          : "choose a member of it");
  return false;
}

expr::ProgramRef text_value(
    Unit& unit, const Node& node, const std::string& what, const Place& place, Allowed allowed) {
  const bool list = allowed == Allowed::list;
  if (!has_shape(node, list ? k_text | k_list : k_text, what, unit.report)) return nullptr;
  const auto text = types::simple_type(TypeKind::string);
  if (node.is_sequence())
    return compile_http_value(unit, node, {types::list_of(text), what}, place);
  if (!has_template(node)) return compile_http_value(unit, node, {text, what}, place);
  auto program = compile_http_value(unit, node, {nullptr, what}, place);
  if (program == nullptr || !check_textual(unit, node, *expr::type_of(*program), what, allowed))
    return nullptr;
  return program;
}

void read_fields(Unit& unit,
                 const Node& map,
                 const std::string& kind,
                 const Place& place,
                 std::vector<machine::HttpField>& into) {
  for (std::size_t i = 0; i < map.keys.size(); ++i) {
    const std::string& name = map.keys[i].text;
    auto value =
        text_value(unit, map.items[i], fmt::format("`{}` of {}", name, kind), place, Allowed::list);
    if (value != nullptr) into.push_back({name, std::move(value)});
  }
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  return text;
}

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// RFC 9110, 5.6.2.
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

// What may stand in a path as it is: RFC 3986, 3.3.
bool is_path_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::string_view("-._~!$&'()*+,;=:@/%").find(c) != std::string_view::npos;
}

// "" or what is wrong with the text of a path, each value of which counts as "x".
std::string fault_of_path(std::string_view text) {
  if (!text.starts_with('/')) return "it must begin with /";
  if (text.find('?') != std::string_view::npos) return "parameters stand in `query`";
  if (!std::all_of(text.begin(), text.end(), is_path_char))
    return "it holds characters that a path can't have";
  for (std::size_t at = 0; at != std::string_view::npos;) {
    const std::size_t end = text.find('/', at + 1);
    const std::string_view segment = text.substr(at + 1, end - at - 1);
    if (segment == "." || segment == "..") return "`.` and `..` lead elsewhere";
    at = end;
  }
  return "";
}

void read_path(Unit& unit, const Node& node, const Place& place, machine::HttpOperation& into) {
  const std::string_view text = node.text;
  std::string literal;
  std::string shown;
  const auto flush = [&] {
    if (!literal.empty()) into.path.push_back({std::move(literal), nullptr});
    literal.clear();
  };
  for (std::size_t at = 0; at < text.size();) {
    if (!text.substr(at).starts_with("${") || (at > 0 && text[at - 1] == '$')) {
      shown += text[at];
      literal += text[at++];
      continue;
    }
    const std::size_t end = expr::closing_brace(text, at + 2);
    if (end == std::string_view::npos) {
      compile_value(unit, node, {nullptr, "`path`"}, place);  // says so
      return;
    }
    flush();
    shown += 'x';
    auto value = compile_text(unit, node, at + 2, text.substr(at + 2, end - at - 2), place);
    if (value != nullptr &&
        check_textual(unit, node, *expr::type_of(*value), "a value of `path`", Allowed::scalar)) {
      into.path.push_back({"", std::move(value)});
    }
    at = end + 1;
  }
  flush();
  if (const std::string fault = fault_of_path(shown); !fault.empty()) {
    unit.report.error(code::bad_request_path,
                      node.span,
                      "`" + node.text + "` can't be a path: " + fault,
                      "write it as \"/parcels/${input.id}\": it follows the base, and each value "
                      "is encoded");
  }
}

void read_body(Unit& unit, const Fields& fields, const Place& place, machine::HttpOperation& into) {
  fields.exclusive("body", "form", "a request has one body: JSON (`body`) or a form (`form`)");
  const char* key = fields.has("body") ? "body" : "form";
  if (fields.has(key) && (into.method == "GET" || into.method == "HEAD")) {
    unit.report.error(code::body_not_sent,
                      fields.key_span(key),
                      "a " + into.method + " request has no body",
                      "put the values into `query`, or use another method");
    return;
  }
  if (const Node* body = fields.get("body"))
    into.body = compile_http_value(unit, *body, {nullptr, "`body`"}, place);
  if (const Node* form = fields.get("form"))
    read_fields(unit, *form, "`form`", place, into.form.emplace());
}

}  // namespace

expr::ProgramRef compile_http_value(Unit& unit,
                                    const Node& node,
                                    const Want& want,
                                    const Place& place) {
  auto program = compile_value(unit, node, want, place);
  if (program == nullptr || expr::state_queries_of(*program).empty()) return program;
  unit.report.error(code::unknown_state,
                    node.span,
                    "in_state(...) asks about the states of a workflow: an adapter has none",
                    "pass what is needed in the operation's input");
  return nullptr;
}

bool check_header_name(const Node& name, const std::string& text, Report& report) {
  static constexpr std::array<std::string_view, 9> k_own{"host",
                                                         "content-length",
                                                         "transfer-encoding",
                                                         "connection",
                                                         "keep-alive",
                                                         "expect",
                                                         "te",
                                                         "trailer",
                                                         "upgrade"};
  if (!is_token(text)) {
    report.error(code::bad_header,
                 name.span,
                 "`" + text + "` can't be the name of a header",
                 "use letters, digits and -: X-Request-Id");
    return false;
  }
  if (is_one_of(k_own, lower(text))) {
    report.error(code::bad_header,
                 name.span,
                 "the header `" + text + "` is made by the client itself",
                 "leave it out");
    return false;
  }
  return true;
}

void read_http_headers(Unit& unit,
                       const Node& map,
                       const Place& place,
                       machine::HttpOperation& into) {
  static constexpr std::array<std::string_view, 6> k_secret{
      "authorization", "proxy-authorization", "x-api-key", "api-key", "x-auth-token", "cookie"};
  for (std::size_t i = 0; i < map.keys.size(); ++i) {
    const Node& name = map.keys[i];
    if (!check_header_name(name, name.text, unit.report)) continue;
    if (is_one_of(k_secret, lower(name.text))) {
      unit.report.error(code::secret_in_file,
                        name.span,
                        "`" + name.text + "` carries a secret, and files hold none",
                        "name the secret in `http`: `auth: {bearer: NAME}`, `auth: {basic: {user, "
                        "password: NAME}}` or `auth: {header: " +
                            name.text + ", secret: NAME}`");
      continue;
    }
    auto value =
        text_value(unit, map.items[i], "the header `" + name.text + "`", place, Allowed::optional);
    if (value != nullptr) into.headers.push_back({name.text, std::move(value)});
  }
}

void read_http_request(Unit& unit,
                       const Node& node,
                       const Span& owner,
                       machine::HttpOperation& into) {
  const Fields fields(node, grammar::http_request, owner, unit.report);
  Place place;
  place.adapter = true;
  place.label = "`request`";
  const Node* method = fields.need("method");
  const Node* path = fields.need("path");
  if (method != nullptr) {
    const auto choice = read_choice(*method, "`method`", grammar::k_method_words, unit.report);
    if (choice) into.method = grammar::k_method_words[*choice];
  }
  if (path != nullptr) read_path(unit, *path, place, into);
  if (const Node* query = fields.get("query"))
    read_fields(unit, *query, "`query`", place, into.query);
  if (const Node* headers = fields.get("headers")) read_http_headers(unit, *headers, place, into);
  read_body(unit, fields, place, into);
}

}  // namespace vozex::language

// SPDX-License-Identifier: Apache-2.0
#include "engine/language/http_adapter.h"

#include <algorithm>

namespace vozex::language {
namespace {

// Names of secrets are written like environment variables: a key that was pasted into the file
// isn't.
bool is_secret_name(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !text.empty() && text.front() >= 'A' && text.front() <= 'Z' &&
         std::all_of(text.begin(), text.end(), fits);
}

std::string read_secret(const Node& node, const std::string& what, Report& report) {
  if (is_secret_name(node.text)) return node.text;
  report.error(code::secret_in_file,
               node.span,
               what + " must be the name of a secret, in capitals",
               "write a name like SHIPPING_KEY here; where the secret itself is, the installation "
               "says: adapters.<adapter>.secrets.SHIPPING_KEY, else the environment variable "
               "VOZEX_SECRET_SHIPPING_KEY");
  return "";
}

// Of "https://host:port/path": "host:port"; "" when it isn't of that form.
std::string_view authority_of(std::string_view url) {
  const std::size_t begin = url.find("://");
  if (begin == std::string_view::npos) return {};
  url.remove_prefix(begin + 3);
  return url.substr(0, url.find('/'));
}

std::string fault_of_base(std::string_view url) {
  if (url.find("${") != std::string_view::npos) return "it is fixed: no `${...}` can stand in it";
  if (!url.starts_with("https://")) return "it must begin with https://";
  const std::string_view authority = authority_of(url);
  const auto plain = [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '\\'; };
  if (authority.empty() || !std::all_of(url.begin(), url.end(), plain)) return "it names no host";
  if (authority.find('@') != std::string_view::npos) return "it can't hold a user or password";
  if (url.find_first_of("?#") != std::string_view::npos) return "it can't have a query or fragment";
  return "";
}

}  // namespace

void read_http_base(const Node& node, machine::HttpOperation& into, Report& report) {
  const std::string fault = fault_of_base(node.text);
  if (!fault.empty()) {
    const bool http = fault.starts_with("it must begin") && node.text.starts_with("http://");
    report.error(code::bad_base,
                 node.span,
                 "`" + node.text + "` can't be the base: " + fault,
                 http ? "a service without TLS is named by the installation only: leave `base` out "
                        "and configure adapters.<adapter>.base"
                      : "write it as https://api.example.com/v1; the installation may name another "
                        "one: adapters.<adapter>.base");
    return;
  }
  into.base = node.text;
  while (into.base.ends_with('/')) into.base.pop_back();
}

void read_http_auth(const Node& node,
                    const Span& owner,
                    machine::HttpOperation& into,
                    Report& report) {
  using Kind = machine::HttpAuth::Kind;
  const Fields fields(node, grammar::http_auth, owner, report);
  const std::string hint = "requests show who asks in one way";
  if (fields.exclusive("bearer", "basic", hint) || fields.exclusive("bearer", "header", hint) ||
      fields.exclusive("basic", "header", hint)) {
    return;
  }
  machine::HttpAuth& auth = into.auth;
  if (const Node* bearer = fields.get("bearer")) {
    auth = {Kind::bearer, "", read_secret(*bearer, "`bearer`", report)};
  } else if (const Node* basic = fields.get("basic")) {
    const Fields parts(*basic, grammar::http_basic, fields.key_span("basic"), report);
    const Node* user = parts.need("user");
    const Node* password = parts.need("password");
    if (user == nullptr || password == nullptr) return;
    if (user->text.find(':') != std::string::npos) {
      report.error(code::bad_literal, user->span, "a user of `basic` can't have a colon");
    }
    auth = {Kind::basic, user->text, read_secret(*password, "`password`", report)};
  } else if (const Node* header = fields.get("header")) {
    const Node* secret = fields.need("secret");
    if (secret == nullptr) return;
    auth = {Kind::header, header->text, read_secret(*secret, "`secret`", report)};
    check_header_name(*header, header->text, report);
  } else if (fields.clean() && !fields.has("bearer") && !fields.has("basic")) {
    report.error(code::missing_key,
                 owner,
                 "`auth` needs `bearer`, `basic`, or `header` with `secret`",
                 "leave `auth` out where the service asks nobody who they are");
  }
}

HttpReader::HttpReader(Document& document, Library& library, const Fields& adapter)
    : unit_(document, library), declared_(adapter.has("http")) {
  const Node* http = adapter.get("http");
  if (http == nullptr) return;
  read_head(Fields(*http, grammar::http, adapter.key_span("http"), document.report));
}

void HttpReader::read_head(const Fields& fields) {
  Report& report = unit_.report;
  if (const Node* base = fields.get("base")) read_http_base(*base, head_, report);
  if (const Node* auth = fields.get("auth"))
    read_http_auth(*auth, fields.key_span("auth"), head_, report);
  if (const Node* timeout = fields.get("timeout"))
    head_.timeout = read_duration(*timeout, "`timeout`", report);
  if (const Node* headers = fields.get("headers")) {
    Place place;
    place.adapter = true;
    place.label = "`headers` of the adapter";
    place.no_input = "differs from operation to operation: put this header into `request`";
    read_http_headers(unit_, *headers, place, head_);
  }
}

void HttpReader::read_repeat(const Fields& fields, machine::OperationDecl& operation) {
  const machine::HttpOperation& http = *operation.http;
  // RFC 9110, 9.2.1: these methods ask for nothing to be changed.
  const bool reads = http.method == "GET" || http.method == "HEAD";
  if (reads && !fields.has("repeat")) operation.repeat = machine::Repeat::safe;
  if (reads && !fields.has("read_only")) operation.read_only = true;
  if (operation.repeat == machine::Repeat::by_key && http.idempotency_header.empty()) {
    unit_.report.error(
        code::key_not_sent,
        fields.key_span("repeat"),
        "`repeat: by_key`, and the request of `" + operation.name + "` doesn't carry the key",
        "say which header the service reads it from: `idempotency_header: Idempotency-Key`; if it "
        "reads none, then `repeat: never` and `ask`");
  }
}

void HttpReader::read(const Fields& fields, machine::OperationDecl& operation) {
  Report& report = unit_.report;
  if (!declared_) {
    for (const char* key : {"request", "idempotency_header", "answers"}) {
      if (!fields.has(key)) continue;
      report.error(code::missing_key,
                   fields.key_span(key),
                   "`" + std::string(key) + "` needs `http` at the top of the adapter",
                   "add `http: {base: \"https://api.example.com/v1\"}`");
    }
    return;
  }
  auto http = std::make_shared<machine::HttpOperation>(head_);
  unit_.names.input = operation.input;
  const Node* request = fields.need("request");
  if (request != nullptr) read_http_request(unit_, *request, fields.key_span("request"), *http);
  if (const Node* header = fields.get("idempotency_header")) {
    if (check_header_name(*header, header->text, report)) http->idempotency_header = header->text;
  }
  if (const Node* answers = fields.get("answers"))
    read_http_answers(unit_, *answers, operation, *http);
  operation.http = std::move(http);
  if (request != nullptr) read_repeat(fields, operation);
}

void link_asked(Adapter& adapter) {
  std::map<std::string, machine::OperationRef, std::less<>> linked = adapter.operations;
  for (auto& [name, operation] : linked) {
    const auto asked = adapter.operations.find(operation->ask);
    if (operation->http == nullptr || asked == adapter.operations.end()) continue;
    auto http = std::make_shared<machine::HttpOperation>(*operation->http);
    http->asked = asked->second;
    auto asking = std::make_shared<machine::OperationDecl>(*operation);
    asking->http = std::move(http);
    operation = std::move(asking);
  }
  adapter.operations = std::move(linked);
}

}  // namespace vozex::language

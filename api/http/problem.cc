// SPDX-License-Identifier: Apache-2.0
#include "api/http/problem.h"

#include "engine/types/json.h"

namespace vozex::http {
namespace {

const char* title_of(ErrorClass kind) {
  switch (kind) {
    case ErrorClass::invalid: return "The request is not valid";
    case ErrorClass::not_found: return "There is no such thing";
    case ErrorClass::conflict: return "Something else is there already";
    case ErrorClass::constraint: return "A stored rule refused it";
    case ErrorClass::refused: return "Not allowed in the present state";
    case ErrorClass::unavailable: return "Not possible just now";
    case ErrorClass::outcome_unknown: return "It is not known whether this was done";
    case ErrorClass::corrupt: return "Stored data could not be read";
  }
  return "Error";
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out += ',';
  types::append_json_string(out, name);
  out += ':';
  types::append_json_string(out, text);
}

std::string body_of(unsigned status,
                    std::string_view code,
                    std::string_view title,
                    std::string_view detail,
                    const std::vector<ErrorDetail>& details) {
  std::string out = "{\"type\":";
  types::append_json_string(out, "/docs/problems#" + std::string(code));
  append_member(out, "title", title);
  out += ",\"status\":" + std::to_string(status);
  append_member(out, "detail", detail);
  append_member(out, "code", code);
  std::string errors;
  for (const ErrorDetail& it : details) {
    if (!is_pointer(it.name)) continue;
    errors += errors.empty() ? "{\"pointer\":" : ",{\"pointer\":";
    types::append_json_string(errors, it.name);
    append_member(errors, "detail", it.text);
    errors += '}';
  }
  if (!errors.empty()) out += ",\"errors\":[" + errors + "]";
  out += '}';
  return out;
}

Response answer(unsigned status, std::string body) {
  Response response = Response::json(status, std::move(body));
  response.headers[0].second = "application/problem+json";
  if (status == 503 || status == 429) response.headers.emplace_back("retry-after", "1");
  return response;
}

}  // namespace

bool is_pointer(std::string_view name) { return name.empty() || name.front() == '/'; }

unsigned status_of(const Error& error) {
  // What HTTP has a word of its own for.
  if (error.code == "overloaded" || error.code == "too_many_waiting") return 429;
  if (error.code == "not_allowed" || error.code == "event_reserved" ||
      error.code == "start_reserved") {
    return 403;
  }
  if (error.code == "malformed_json") return 400;
  if (error.code == "unsupported_media_type") return 415;
  if (error.code == "too_large") return 413;
  switch (error.kind) {
    case ErrorClass::invalid: return 422;
    case ErrorClass::not_found: return 404;
    case ErrorClass::conflict: return 409;
    case ErrorClass::constraint: return 409;
    case ErrorClass::refused: return 409;
    case ErrorClass::unavailable: return 503;
    case ErrorClass::outcome_unknown: return 503;
    case ErrorClass::corrupt: return 500;
  }
  return 500;
}

Response problem(const Error& error) { return problem(error, types::Value()); }

Response problem(const Error& error, const types::Value& extra) {
  const unsigned status = status_of(error);
  // What went wrong on our side is not explained by pointers into the request.
  std::string body = body_of(status,
                             error.code,
                             title_of(error.kind),
                             error.message,
                             status < 500 ? error.details : std::vector<ErrorDetail>());
  if (extra.is_map()) {
    body.pop_back();
    for (const auto& [name, value] : extra.as_map()) {
      body += ',';
      types::append_json(body, name);
      body += ':';
      types::append_json(body, value);
    }
    body += '}';
  }
  return answer(status, std::move(body));
}

Response problem(unsigned status,
                 std::string_view code,
                 std::string_view title,
                 std::string_view detail) {
  return answer(status, body_of(status, code, title, detail, {}));
}

}  // namespace vozex::http

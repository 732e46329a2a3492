// SPDX-License-Identifier: Apache-2.0
#include "api/http/request_check.h"

#include <algorithm>

#include "api/http/problem.h"
#include "engine/base/text.h"

namespace vozex::http {
namespace {

Response bad_query(std::string_view sentence) {
  return problem(422, "invalid_query", "The query is not valid", sentence);
}

std::string unknown(const std::string& name, const std::vector<std::string>& known) {
  std::string sentence = "There is no parameter `" + name + "` here";
  if (const auto meant = nearest(name, known)) return sentence + ": did you mean `" + *meant + "`?";
  return sentence + (known.empty() ? "." : ": expected " + join_or(known) + ".");
}

std::size_t count(const Request& request, std::string_view header) {
  return static_cast<std::size_t>(
      std::count_if(request.headers.begin(), request.headers.end(), [&](const auto& field) {
        return field.first == header;
      }));
}

Response malformed_head(std::string_view sentence) {
  return problem(400, "malformed_head", "The head of the request is not valid", sentence);
}

}  // namespace

std::optional<Response> fault_of_head(const Request& request, unsigned version) {
  if (request.path.empty() || request.path[0] != '/' || !is_plain_text(request.path)) {
    return problem(400,
                   "malformed_target",
                   "The path is not valid",
                   "Expected a path like /v1/instances, in UTF-8, with %XX for what is special.");
  }
  const std::size_t hosts = count(request, "host");
  if (hosts > 1 || (version >= 11 && hosts == 0))
    return malformed_head("Expected one Host header, got " + std::to_string(hosts) + ".");
  if (count(request, "authorization") > 1)
    return malformed_head("Expected one Authorization header: it stands more than once.");
  std::size_t codings = 0;
  for (const auto& [name, value] : request.headers) {
    if (name == "transfer-encoding" && (++codings > 1 || ascii_lower(value) != "chunked")) {
      return problem(501,
                     "unknown_transfer_coding",
                     "The body comes in a way that is not read here",
                     "Expected Content-Length, or Transfer-Encoding: chunked and no other.");
    }
    if (name == "content-encoding" && !value.empty() && ascii_lower(value) != "identity") {
      return problem(415,
                     "unsupported_encoding",
                     "The body is packed in a way that is not read here",
                     "Expected a body without Content-Encoding: send it as it is.");
    }
  }
  return std::nullopt;
}

std::optional<Response> fault_of_query(const Request& request,
                                       const std::vector<std::string>& known) {
  std::vector<std::string> seen;
  for (const QueryField& field : request.query_fields()) {
    if (!field.name || !is_plain_text(*field.name))
      return bad_query("Expected names of parameters in UTF-8, with %XX for what is special.");
    const std::string& name = *field.name;
    if (std::find(known.begin(), known.end(), name) == known.end())
      return bad_query(unknown(name, known));
    if (!field.value || !is_plain_text(*field.value)) {
      return bad_query("Expected `" + name +
                       "` in UTF-8 without U+0000, with %XX for what is special.");
    }
    if (std::find(seen.begin(), seen.end(), name) != seen.end())
      return bad_query("Expected `" + name + "` once: it stands twice.");
    seen.push_back(name);
  }
  return std::nullopt;
}

}  // namespace vozex::http

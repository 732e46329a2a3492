// SPDX-License-Identifier: Apache-2.0
//
// One HTTP request and its answer, as handlers see them: plain values, no library's types. Bodies
// are raw bytes (signatures are checked on them). Thread rule: plain values; a Responder may be
// called once, from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vozex::http {

// One `name=value` of a query, decoded; a text is missing when its %XX are malformed.
struct QueryField {
  std::optional<std::string> name;
  std::optional<std::string> value;  // "" without `=`
};

struct Request {
  std::string method;  // upper case
  std::string path;    // percent-decoded, without query
  std::string query;   // raw
  std::vector<std::pair<std::string, std::string>>
      headers;  // names in lower case, in order of arrival
  std::vector<std::pair<std::string, std::string>> parameters;  // of the route's pattern, decoded
  std::string body;
  std::string remote;  // address of the peer
  std::string caller;  // who the API key belongs to; "" on open routes

  // First value of a header (name in lower case), or "".
  std::string_view header(std::string_view name) const;
  // Of the pattern: "{token}"; "" when the pattern has none.
  std::string_view parameter(std::string_view name) const;
  // The query, in its order; empty ones ("&&") are left out.
  std::vector<QueryField> query_fields() const;
  // Decoded value of a query parameter: the first of that name.
  std::optional<std::string> query_value(std::string_view name) const;
};

// A part of a file, streamed.
struct FilePart {
  std::string path;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

struct Response {
  unsigned status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::optional<FilePart> file;  // instead of body

  static Response json(unsigned status, std::string body);
  static Response text(unsigned status, std::string body);
};

// Sends the answer. The first call counts; when the connection is gone it does nothing.
using Responder = std::function<void(Response)>;
using Handler = std::function<void(Request, Responder)>;

// Decodes %XX (and '+' as a space when `form`); nullopt when malformed.
std::optional<std::string> percent_decode(std::string_view text, bool form = false);

// A to Z as a to z, the rest as it is: names of headers, media types, addresses.
std::string ascii_lower(std::string_view text);

// UTF-8 without U+0000: what every store can keep as a text.
bool is_plain_text(std::string_view text);

}  // namespace vozex::http

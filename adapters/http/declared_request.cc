// SPDX-License-Identifier: Apache-2.0
#include "adapters/http/declared_request.h"

#include <algorithm>

#include "adapters/http/call_errors.h"
#include "adapters/http/declared_values.h"
#include "engine/types/json.h"

namespace vozex::http {
namespace {

using types::Kind;
using types::Value;

// Numbers, times and so on are written as JSON writes them, without quotes.
std::string text_of(const Value& value) {
  if (value.is_string()) return value.as_string();
  std::string json = types::to_json(value);
  if (json.size() < 2 || json.front() != '"') return json;
  return json.substr(1, json.size() - 2);
}

bool is_scalar(const Value& value) {
  return !value.is_null() && !value.is_list() && !value.is_map() && value.kind() != Kind::optional;
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
}

class Builder {
 public:
  Builder(const machine::OperationDecl& operation, const ports::CallRequest& call)
      : http_(*operation.http), view_(call.input) {}

  // Each gives false when the request can't be made; then error() says why.
  bool add_path(std::string& url) {
    const std::size_t begin = url.size();
    for (const machine::PathPiece& piece : http_.path) {
      if (piece.value == nullptr) {
        url += piece.text;
        continue;
      }
      Value value;
      if (!value_of(*piece.value, "the path", value)) return false;
      if (!is_scalar(value)) return refuse("a value of the path is no text or number");
      const std::string text = text_of(value);
      if (text.empty()) return refuse("a value of the path is empty");
      url += percent_encode(text);
    }
    return stays_there(std::string_view(url).substr(begin));
  }

  bool add_query(std::string& url) {
    std::string query;
    if (!encode(http_.query, "the query", query)) return false;
    if (!query.empty()) url += "?" + query;
    return url.size() <= k_max_url_bytes ||
           refuse("the URL would be longer than " + std::to_string(k_max_url_bytes) + " bytes");
  }

  bool add_headers(Headers& headers) {
    for (const machine::HttpField& field : http_.headers) {
      Value value;
      if (!value_of(*field.value, "the header " + field.name, value)) return false;
      if (value.is_null()) continue;
      if (!is_scalar(value)) return refuse("the header " + field.name + " is no text or number");
      if (!add_header(headers, field.name, text_of(value))) return false;
    }
    return true;
  }

  bool add_header(Headers& headers, const std::string& name, std::string text) {
    if (has_control(text)) return refuse("the header " + name + " would hold control characters");
    if (text.size() > k_max_header_bytes)
      return refuse("the header " + name + " would be too long");
    std::erase_if(headers, [&](const Header& known) { return is_header(known, name); });
    headers.push_back({name, std::move(text)});
    return true;
  }

  bool add_body(HttpRequest& request) {
    if (http_.form) {
      if (!encode(*http_.form, "the form", request.body)) return false;
      content_type(request.headers, "application/x-www-form-urlencoded");
    } else if (http_.body != nullptr) {
      Value value;
      if (!value_of(*http_.body, "the body", value)) return false;
      request.body = types::to_json(value);
      content_type(request.headers, "application/json");
    }
    return request.body.size() <= k_max_request_body ||
           refuse("the body would be longer than " + std::to_string(k_max_request_body) + " bytes");
  }

  ports::CallError error() const { return call_error("invalid_input", error_); }

 private:
  static bool is_header(const Header& header, const std::string& name) {
    return find_header({header}, name) != nullptr;
  }

  static void content_type(Headers& headers, const char* type) {
    if (find_header(headers, "content-type") == nullptr) headers.push_back({"Content-Type", type});
  }

  bool refuse(std::string why) {
    error_ = std::move(why);
    return false;
  }

  // Absent optionals become null.
  bool value_of(const expr::Program& program, const std::string& what, Value& out) {
    auto value = expr::evaluate(program, view_);
    if (!value) return refuse(what + " can't be made: " + value.error().message);
    out = unwrapped(*std::move(value));
    return true;
  }

  bool stays_there(std::string_view path) {
    for (std::size_t at = 0; at != std::string_view::npos;) {
      const std::size_t end = path.find('/', at + 1);
      const std::string_view segment = path.substr(at + 1, end - at - 1);
      if (segment == "." || segment == "..")
        return refuse("a value of the path would lead elsewhere: " + std::string(segment));
      at = end;
    }
    return true;
  }

  bool encode(const std::vector<machine::HttpField>& fields,
              const std::string& where,
              std::string& out) {
    for (const machine::HttpField& field : fields) {
      const std::string what = field.name + " of " + where;
      Value value;
      if (!value_of(*field.value, what, value)) return false;
      if (value.is_null()) continue;
      const Value::List items = value.is_list() ? value.as_list() : Value::List{value};
      for (const Value& item : items) {
        if (!is_scalar(item)) return refuse(what + " is no text or number");
        out += (out.empty() ? "" : "&") + percent_encode(field.name) + "=" +
               percent_encode(text_of(item));
      }
    }
    return true;
  }

  const machine::HttpOperation& http_;
  const CallView view_;
  std::string error_;
};

}  // namespace

tl::expected<HttpRequest, ports::CallError> build_request(const machine::OperationDecl& operation,
                                                          const ports::CallRequest& call,
                                                          const std::string& base) {
  const machine::HttpOperation& http = *operation.http;
  HttpRequest request;
  request.method = http.method;
  request.url = base;
  request.timeout = std::min(call.timeout, http.timeout.value_or(call.timeout));
  request.headers.push_back({"Accept", "application/json"});
  Builder builder(operation, call);
  const bool good =
      builder.add_path(request.url) && builder.add_query(request.url) &&
      builder.add_headers(request.headers) && builder.add_body(request) &&
      (http.idempotency_header.empty() ||
       builder.add_header(request.headers, http.idempotency_header, call.idempotency_key));
  if (!good) return tl::unexpected(builder.error());
  return request;
}

}  // namespace vozex::http

// SPDX-License-Identifier: Apache-2.0
//
// HttpClient: one blocking HTTP request, sent at most once, over pooled keep-alive connections
// (libcurl). TLS is verified, redirects are answers, proxies of the environment are ignored, sizes
// and times are bounded. The result separates what a caller must treat differently: never sent
// (nothing was done, try again), sent without an answer (it may have been done: settle first),
// answered. Headers and bodies are never logged. Thread rule: any thread; each request in flight
// has its own handle. Tests: tests/unit/http.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "engine/base/time.h"

namespace vozex::http {

struct Header {
  std::string name;
  std::string value;
};
using Headers = std::vector<Header>;

// The first value of a header, whatever its case; nullptr when absent.
const std::string* find_header(const Headers& headers, std::string_view name);

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // http or https
  Headers headers;
  std::string body;
  Duration timeout{std::chrono::seconds{20}};         // of the whole exchange
  Duration connect_timeout{std::chrono::seconds{5}};  // of name, TCP and TLS together
  std::size_t max_response_bytes = 4u << 20;          // headers and body
  // The URL's origin comes from this installation's own configuration, never from a payload: plain
  // http and private addresses are what the operator meant.
  bool origin_is_configured = false;
};

struct HttpResponse {
  int status = 0;
  Headers headers;
  std::string body;
};

// `code`: invalid_request, forbidden_address, unresolved, unreachable, tls, timeout, broken,
// too_large.
struct HttpFailure {
  bool sent = false;  // false: not one byte of the request left; true: the outcome is unknown
  std::string code;
  std::string message;  // for people; holds the host at most
};

using HttpOutcome = tl::expected<HttpResponse, HttpFailure>;

struct HttpClientOptions {
  std::size_t max_idle_handles = 64;  // each keeps its connections open
  std::string user_agent = "vozex";
  std::string proxy;    // "" = direct
  std::string ca_file;  // "" = the system's
};

class HttpClient {
 public:
  explicit HttpClient(HttpClientOptions options = {});
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  HttpOutcome send(const HttpRequest& request);

 private:
  struct Pool;
  std::unique_ptr<Pool> pool_;
};

// `text` percent-encoded as one segment of a path or one value of a query.
std::string percent_encode(std::string_view text);

}  // namespace vozex::http

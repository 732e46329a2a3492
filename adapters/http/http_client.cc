// SPDX-License-Identifier: Apache-2.0
#include "adapters/http/http_client.h"

#include <curl/curl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <mutex>

#include "adapters/http/address_policy.h"
#include "engine/base/assert.h"

namespace vozex::http {
namespace {

constexpr std::size_t k_max_headers = 200;

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(
      a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())))
    text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())))
    text.remove_suffix(1);
  return text;
}

bool may_connect(const HttpRequest& request, const sockaddr& address) {
  return request.origin_is_configured || is_public_address(address);
}

// One request in flight: what libcurl's callbacks fill in.
struct Exchange {
  const HttpRequest& request;
  HttpResponse response;
  std::size_t received = 0;
  bool sent = false;
  bool repeated = false;
  bool forbidden = false;
  bool too_large = false;
};

curl_socket_t open_socket(void* self, curlsocktype, struct curl_sockaddr* address) {
  auto& exchange = *static_cast<Exchange*>(self);
  if (!may_connect(exchange.request, address->addr)) {
    exchange.forbidden = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// Called when the connection stands, before the first byte of the request: also when libcurl would
// repeat a request on a fresh connection because a kept one died. A kept connection is judged
// again, because it may have been opened for a request that was allowed more.
int before_request(void* self, char* remote, char*, int, int) {
  auto& exchange = *static_cast<Exchange*>(self);
  if (!exchange.request.origin_is_configured && !is_public_address(std::string_view(remote))) {
    exchange.forbidden = true;
    return CURL_PREREQFUNC_ABORT;
  }
  if (exchange.sent) {
    exchange.repeated = true;
    return CURL_PREREQFUNC_ABORT;
  }
  exchange.sent = true;
  return CURL_PREREQFUNC_OK;
}

bool take_bytes(Exchange& exchange, std::size_t count) {
  exchange.received += count;
  exchange.too_large = exchange.received > exchange.request.max_response_bytes;
  return !exchange.too_large;
}

std::size_t take_header(char* bytes, std::size_t size, std::size_t count, void* self) {
  auto& exchange = *static_cast<Exchange*>(self);
  const std::string_view line(bytes, size * count);
  if (!take_bytes(exchange, line.size())) return 0;
  if (line.starts_with("HTTP/")) {
    exchange.response.headers.clear();  // of an interim answer
    return line.size();
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return line.size();
  if (exchange.response.headers.size() == k_max_headers) return 0;
  std::string name(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(), lower);
  exchange.response.headers.push_back(
      {std::move(name), std::string(trimmed(line.substr(colon + 1)))});
  return line.size();
}

std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* self) {
  auto& exchange = *static_cast<Exchange*>(self);
  if (!take_bytes(exchange, size * count)) return 0;
  exchange.response.body.append(bytes, size * count);
  return size * count;
}

std::string host_of(const std::string& url) {
  const auto start = url.find("://");
  if (start == std::string::npos) return "the server";
  auto host = url.substr(start + 3, url.find_first_of("/?#", start + 3) - start - 3);
  if (const auto at = host.rfind('@'); at != std::string::npos) host.erase(0, at + 1);
  return host;
}

HttpFailure describe(CURLcode code, const Exchange& exchange) {
  const std::string host = host_of(exchange.request.url);
  const auto failure = [&](std::string name, const std::string& text) {
    return HttpFailure{exchange.sent, std::move(name), text};
  };
  if (exchange.forbidden) {
    return failure("forbidden_address",
                   host + " is at a private address, which only a configured origin may be");
  }
  if (exchange.too_large) {
    return failure("too_large",
                   host + " answered more than " +
                       std::to_string(exchange.request.max_response_bytes) + " bytes");
  }
  if (exchange.repeated)
    return failure("broken", "the connection to " + host + " ended before an answer came");
  switch (static_cast<int>(code)) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return failure("invalid_request", "the URL is malformed or neither http nor https");
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return failure("unresolved", "the name " + host + " doesn't resolve");
    case CURLE_COULDNT_CONNECT: return failure("unreachable", "no connection to " + host);
    case CURLE_OPERATION_TIMEDOUT:
      return failure("timeout",
                     exchange.sent ? host + " gave no complete answer in time"
                                   : "no connection to " + host + " in time");
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
      return failure("tls",
                     "no trusted TLS connection to " + host + ": " + curl_easy_strerror(code));
    default:
      return failure("broken",
                     "the exchange with " + host + " broke off: " + curl_easy_strerror(code));
  }
}

const char* fault_of(const HttpRequest& request) {
  if (has_control(request.url) || has_control(request.method))
    return "the URL or method holds control characters";
  if (!request.url.starts_with("https://") &&
      !(request.origin_is_configured && request.url.starts_with("http://"))) {
    return "only https URLs are called, unless the origin is configured";
  }
  for (const auto& header : request.headers) {
    if (header.name.empty() || has_control(header.name) || has_control(header.value)) {
      return "a header holds control characters";
    }
  }
  return nullptr;
}

struct SlistFree {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Slist = std::unique_ptr<curl_slist, SlistFree>;

Slist header_list(const Headers& headers) {
  Slist list;
  const auto append = [&](const std::string& line) {
    curl_slist* grown = curl_slist_append(list.get(), line.c_str());
    VOZEX_ASSERT(grown != nullptr);
    static_cast<void>(list.release());
    list.reset(grown);
  };
  append("Expect:");  // no round trip before the body
  for (const auto& header : headers) {
    append(header.value.empty() ? header.name + ";" : header.name + ": " + header.value);
  }
  return list;
}

long milliseconds(Duration duration) {
  return static_cast<long>(std::max<std::int64_t>(1, duration.count() / 1000));
}

}  // namespace

const std::string* find_header(const Headers& headers, std::string_view name) {
  for (const auto& header : headers) {
    if (same_name(header.name, name)) return &header.value;
  }
  return nullptr;
}

std::string percent_encode(std::string_view text) {
  constexpr char k_hex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      out += '%';
      out += k_hex[byte >> 4];
      out += k_hex[byte & 15];
    }
  }
  return out;
}

struct HttpClient::Pool {
  struct Cleanup {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };
  using Handle = std::unique_ptr<CURL, Cleanup>;

  HttpClientOptions options;
  std::mutex mutex;  // guards idle
  std::vector<Handle> idle;

  // The handle used last has the warmest connection.
  Handle take() {
    {
      const std::lock_guard lock(mutex);
      if (!idle.empty()) {
        Handle handle = std::move(idle.back());
        idle.pop_back();
        return handle;
      }
    }
    Handle handle(curl_easy_init());
    VOZEX_ASSERT(handle != nullptr);
    return handle;
  }

  void give_back(Handle handle) {
    curl_easy_reset(handle.get());  // keeps connections, forgets everything else
    const std::lock_guard lock(mutex);
    if (idle.size() < options.max_idle_handles) idle.push_back(std::move(handle));
  }

  void set_up(CURL* curl, Exchange& exchange, curl_slist* headers) const {
    const HttpRequest& request = exchange.request;
    curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!options.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, options.ca_file.c_str());
    curl_easy_setopt(curl, CURLOPT_PROXY, options.proxy.c_str());
    curl_easy_setopt(curl, CURLOPT_USERAGENT, options.user_agent.c_str());
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, milliseconds(request.timeout));
    curl_easy_setopt(curl,
                     CURLOPT_CONNECTTIMEOUT_MS,
                     milliseconds(std::min(request.connect_timeout, request.timeout)));
    curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, &exchange);
    curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, before_request);
    curl_easy_setopt(curl, CURLOPT_PREREQDATA, &exchange);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &exchange);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &exchange);
    if (request.method == "HEAD") {
      curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    } else if (request.method != "GET" || !request.body.empty()) {
      curl_easy_setopt(
          curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
      curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.c_str());
      curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    }
  }
};

HttpClient::HttpClient(HttpClientOptions options) : pool_(std::make_unique<Pool>()) {
  pool_->options = std::move(options);
  // Counted by libcurl, so several clients may live side by side.
  VOZEX_ASSERT(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
}

HttpClient::~HttpClient() {
  pool_->idle.clear();
  curl_global_cleanup();
}

HttpOutcome HttpClient::send(const HttpRequest& request) {
  if (const char* fault = fault_of(request)) {
    return tl::unexpected(HttpFailure{false, "invalid_request", fault});
  }
  Exchange exchange{.request = request, .response = {}};
  const Slist headers = header_list(request.headers);
  auto handle = pool_->take();
  pool_->set_up(handle.get(), exchange, headers.get());
  const CURLcode code = curl_easy_perform(handle.get());
  long status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  pool_->give_back(std::move(handle));
  if (code != CURLE_OK) return tl::unexpected(describe(code, exchange));
  exchange.response.status = static_cast<int>(status);
  return std::move(exchange.response);
}

}  // namespace vozex::http

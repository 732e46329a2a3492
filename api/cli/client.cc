// SPDX-License-Identifier: Apache-2.0
#include "api/cli/client.h"

#include <curl/curl.h>

#include <cctype>
#include <cstdlib>
#include <memory>

#include "api/cli/exit_codes.h"
#include "api/cli/files.h"
#include "engine/types/json.h"

namespace vozex::cli {
namespace {

using types::Value;

constexpr long k_timeout_s = 60;
constexpr std::size_t k_max_answer_bytes = 64u << 20;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::size_t append(char* data, std::size_t size, std::size_t count, void* into) {
  auto& text = *static_cast<std::string*>(into);
  if (text.size() + size * count > k_max_answer_bytes) return 0;
  text.append(data, size * count);
  return size * count;
}

struct CurlDelete {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

class HeaderList {
 public:
  void add(const std::string& line) {
    list_.reset(curl_slist_append(list_.release(), line.c_str()));
  }
  curl_slist* get() const { return list_.get(); }

 private:
  std::unique_ptr<curl_slist, CurlDelete> list_;
};

Failure curl_failure(CURLcode code, const std::string& url) {
  if (code == CURLE_OPERATION_TIMEDOUT) {
    return fail(ErrorClass::outcome_unknown,
                "timeout",
                "No answer from " + url + " in " + std::to_string(k_timeout_s) + " s.");
  }
  return fail(ErrorClass::unavailable,
              "unreachable",
              "Can't reach " + url + ": " + curl_easy_strerror(code) + ". Is the server running?");
}

int exit_code_of(unsigned status) {
  switch (status) {
    case 400:
    case 413:
    case 415:
    case 422: return k_findings;
    case 401:
    case 403: return k_not_allowed;
    case 404:
    case 405:
    case 410: return k_not_found;
    case 409: return k_conflict;
    case 408:
    case 504: return k_timeout;
    case 429:
    case 502:
    case 503: return k_unreachable;
    default: return k_bug;
  }
}

// A 409 is a conflict with somebody else, or a refusal by the rules of a state.
bool is_refusal(const Value& problem) {
  return problem.find("accepted_events") != nullptr ||
         problem.text_at("code") == "nothing_to_retry" || problem.text_at("code") == "suspended";
}

void say_problem(const Value& problem, unsigned status) {
  Error error{ErrorClass::invalid,
              std::string(problem.text_at("code")),
              std::string(problem.text_at("detail")),
              {}};
  if (error.code.empty()) error.code = "http_" + std::to_string(status);
  if (const Value* faults = problem.find("errors"); faults != nullptr && faults->is_list()) {
    for (const Value& fault : faults->as_list()) {
      error.details.push_back(
          {std::string(fault.text_at("pointer")), std::string(fault.text_at("detail"))});
    }
  }
  say_error(error);
  if (status == 401) say("next: give the server's key with --key or VOZEX_API_KEY");
  if (const auto text = problem.text_at("text"); !text.empty()) say(text);
  if (const Value* events = problem.find("accepted_events")) {
    say("  it is in state " + std::string(problem.text_at("state")) +
        " and accepts: " + types::to_json(*events));
  }
}

}  // namespace

Client::Client(const ClientSettings& settings)
    : url_(settings.url), key_(settings.key), idempotency_key_(settings.idempotency_key) {
  if (url_.empty()) url_ = environment("VOZEX_URL");
  while (url_.ends_with('/')) url_.pop_back();
  if (key_.empty()) key_ = environment("VOZEX_API_KEY");
  if (url_.empty() || key_.empty()) {
    if (const auto text = read_file(settings.state + "/client.json")) {
      if (const auto known = types::parse_json(*text); known && known->is_map()) {
        if (url_.empty()) url_ = std::string(known->text_at("url"));
        // The key of the server in this folder is for that server, not for another one.
        if (key_.empty() && url_ == known->text_at("url"))
          key_ = std::string(known->text_at("key"));
      }
    }
  }
}

Result<Reply> Client::send(std::string_view method,
                           const std::string& path,
                           const Value& body) const {
  if (url_.empty()) {
    return fail(ErrorClass::invalid,
                "no_server",
                "No server is known. Start one with `vozex dev`, or say where it is with --url or "
                "VOZEX_URL.");
  }
  const std::unique_ptr<CURL, CurlDelete> handle(curl_easy_init());
  if (!handle) return fail(ErrorClass::unavailable, "unreachable", "libcurl could not start.");
  const std::string url = url_ + path;
  const std::string verb(method);
  const std::string sent = body.is_null() ? "" : types::to_json(body);
  std::string received;
  HeaderList headers;
  headers.add("content-type: application/json");
  if (!key_.empty()) headers.add("authorization: Bearer " + key_);
  if (!idempotency_key_.empty()) headers.add("idempotency-key: " + idempotency_key_);
  curl_easy_setopt(handle.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle.get(), CURLOPT_CUSTOMREQUEST, verb.c_str());
  curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(handle.get(), CURLOPT_TIMEOUT, k_timeout_s);
  curl_easy_setopt(handle.get(), CURLOPT_CONNECTTIMEOUT, 5L);
  curl_easy_setopt(handle.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, &append);
  curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, &received);
  if (method != "GET") {
    curl_easy_setopt(handle.get(), CURLOPT_POSTFIELDS, sent.c_str());
    curl_easy_setopt(handle.get(), CURLOPT_POSTFIELDSIZE, static_cast<long>(sent.size()));
  }
  if (const CURLcode code = curl_easy_perform(handle.get()); code != CURLE_OK)
    return curl_failure(code, url_);
  long status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  Reply reply;
  reply.status = static_cast<unsigned>(status);
  if (auto value = types::parse_json(received, {k_max_answer_bytes, 64})) {
    reply.body = *std::move(value);
  } else if (!received.empty()) {
    return fail(ErrorClass::corrupt,
                "bad_reply",
                url + " answered " + std::to_string(status) +
                    " with something that is not JSON. Is this a vozex server?");
  }
  return reply;
}

int complain(const Result<Reply>& reply) {
  if (!reply) {
    say_error(reply.error());
    if (reply.error().code == "no_server") return k_usage;
    return reply.error().code == "timeout"     ? k_timeout
           : reply.error().code == "bad_reply" ? k_bug
                                               : k_unreachable;
  }
  if (reply->status < 300) return k_ok;
  say_problem(reply->body, reply->status);
  if (reply->status == 409 && is_refusal(reply->body)) return k_refused;
  return exit_code_of(reply->status);
}

std::string url_encode(std::string_view text) {
  constexpr char k_hex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.' || c == '~') {
      out += c;
    } else {
      out += {'%', k_hex[byte >> 4], k_hex[byte & 15]};
    }
  }
  return out;
}

Result<Reply> every_page(const Client& client,
                         const std::string& path,
                         std::vector<std::pair<std::string, std::string>> query) {
  query.emplace_back("limit", "200");
  query.emplace_back("after", "");
  types::Value::List items;
  for (int pages = 1;; ++pages) {
    auto reply = client.send("GET", path + query_of(query));
    if (!reply || reply->status >= 300) return reply;
    if (const types::Value* page = reply->body.find("items"); page != nullptr && page->is_list())
      items.insert(items.end(), page->as_list().begin(), page->as_list().end());
    query.back().second = reply->body.text_at("next");
    if (!query.back().second.empty() && pages < k_max_pages) continue;
    reply->body = reply->body.with("items", types::Value::list(std::move(items)));
    return reply;
  }
}

std::string query_of(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::string query;
  for (const auto& [name, value] : pairs) {
    if (!value.empty()) query += (query.empty() ? "?" : "&") + name + "=" + url_encode(value);
  }
  return query;
}

Result<Value> json_argument(const std::string& argument) {
  std::string text = argument;
  if (argument == "-" || argument.starts_with('@')) {
    auto read = read_file(argument == "-" ? "-" : argument.substr(1));
    if (!read) return tl::unexpected(read.error());
    text = *std::move(read);
  }
  auto value = types::parse_json(text);
  if (!value)
    return fail(ErrorClass::invalid,
                "invalid_argument",
                "Expected JSON, \"@file\" or \"-\": " + value.error().message);
  return *std::move(value);
}

}  // namespace vozex::cli

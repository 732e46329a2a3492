// SPDX-License-Identifier: Apache-2.0
//
// Client: one request to a running server's API, its answer as a value, its problems as exit codes.
// Finds the server by
// --url and --key, VOZEX_URL and VOZEX_API_KEY, or the file that `vozex dev` leaves in its state
// folder (client.json). Thread rule: one thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/cli/output.h"
#include "engine/base/result.h"
#include "engine/types/value.h"

namespace vozex::cli {

struct ClientSettings {
  std::string url;
  std::string key;
  std::string state = ".vozex";
  std::string format = "table";
  std::string idempotency_key;

  Format output() const { return format_of(format); }
};

struct Reply {
  unsigned status = 0;
  types::Value body;
};

class Client {
 public:
  explicit Client(const ClientSettings& settings);

  // `body` null: none. Errors: no_server (no URL known), unreachable, timeout, bad_reply.
  Result<Reply> send(std::string_view method,
                     const std::string& path,
                     const types::Value& body = {}) const;

 private:
  std::string url_;
  std::string key_;
  std::string idempotency_key_;
};

// The body of a good answer goes to `print`; a problem is said, and what comes back is the exit
// code for either.
template <class Print>
int finish(const Result<Reply>& reply, Print print);

// Says what is wrong; the exit code. 0 when nothing is.
int complain(const Result<Reply>& reply);

template <class Print>
int finish(const Result<Reply>& reply, Print print) {
  if (const int code = complain(reply); code != 0) return code;
  print(reply->body);
  return 0;
}

// `text` percent-encoded as one segment of a path or one value of a query.
std::string url_encode(std::string_view text);
// "?a=1&b=2" of the pairs whose value isn't empty; "" when none is left.
std::string query_of(const std::vector<std::pair<std::string, std::string>>& pairs);

// A list to its end: GET `path` with this query, `after` taken from each page's `next`, at most
// k_max_pages of them. The last reply, whose `items` are those of all pages.
Result<Reply> every_page(const Client& client,
                         const std::string& path,
                         std::vector<std::pair<std::string, std::string>> query);
inline constexpr int k_max_pages = 1000;

// JSON out of an argument: the text itself, "@file", or "-" for standard input.
Result<types::Value> json_argument(const std::string& argument);

}  // namespace vozex::cli

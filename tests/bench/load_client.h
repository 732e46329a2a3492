// SPDX-License-Identifier: Apache-2.0
//
// Load client: HTTP/1.1 requests over kept connections to one address, all from one thread with
// epoll, so that the client costs little beside the server that shares its cores. Each connection
// asks its script what to send next, waits for the answer, and goes on. Nothing is allocated for a
// request, and the clock is read once a wake-up, before the answers that it brought are looked at:
// a time of a request so includes the client's own work on those before it. Thread rule: one
// thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace vozex::bench {

// Writes a whole request to `request`: "POST /v1/events HTTP/1.1\r\n...". It is empty before; when
// it stays so, this connection is done. `answer` is the whole answer to the one before, empty at
// first.
using NextRequest =
    std::function<void(std::size_t connection, std::string_view answer, std::string& request)>;

struct LoadResult {
  std::vector<double> milliseconds;  // of each answer, in order of arrival
  std::uint64_t failed = 0;          // answers that are not 2xx, and connections that broke
  double seconds = 0;                // from the first request to the last answer
  double cpu_seconds = 0;            // this program's processor time meanwhile
  std::string first_failure;         // the start of its answer
};

LoadResult run_load(int port, std::size_t connections, const NextRequest& next);

// Sorts.
double percentile(std::vector<double>& values, double share);

// A request with this body and key.
std::string post_request(const std::string& path, const std::string& key, const std::string& body);
std::string get_request(const std::string& path, const std::string& key);

// A request that is sent many times with another text of the same length in its holes.
class RequestTemplate {
 public:
  // Each occurrence of `hole` in the request is one.
  RequestTemplate(std::string request, const std::string& hole);
  // Valid until the next.
  const std::string& fill(std::string_view text);

 private:
  std::string request_;
  std::size_t length_;
  std::vector<std::size_t> holes_;
};

}  // namespace vozex::bench

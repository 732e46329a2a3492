// SPDX-License-Identifier: Apache-2.0
//
// Load client: HTTP/1.1 requests over kept connections to one address, all from one thread with
// epoll, so that the client costs little beside the server that shares its cores. Each connection
// asks its script what to send next, waits for the answer, and goes on. Thread rule: one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace vozex::bench {

// A whole request: "POST /v1/events HTTP/1.1\r\n...". Empty: this connection is done. `answer` is
// the whole answer to the one before, empty at first.
using NextRequest = std::function<std::string(std::size_t connection, const std::string& answer)>;

struct LoadResult {
  std::vector<double> milliseconds;  // of each answer, in order of arrival
  std::uint64_t failed = 0;          // answers that are not 2xx, and connections that broke
  double seconds = 0;                // from the first request to the last answer
  std::string first_failure;         // the start of its answer
};

LoadResult run_load(int port, std::size_t connections, const NextRequest& next);

// Sorts.
double percentile(std::vector<double>& values, double share);

// A request with this body and key.
std::string post_request(const std::string& path, const std::string& key, const std::string& body);
std::string get_request(const std::string& path, const std::string& key);

}  // namespace vozex::bench

// SPDX-License-Identifier: Apache-2.0
//
// One HTTP request of a test, and waiting for a condition with a deadline. Thread rule: any thread.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace vozex::api_test {

using nlohmann::json;
using Headers = std::vector<std::string>;  // "name: value"

struct Answer {
  int status = 0;                              // 0: no answer
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;

  json value() const { return json::parse(body, nullptr, false); }
};

Answer ask(const std::string& method,
           const std::string& url,
           const std::string& body = "",
           const Headers& headers = {});

// Asks `condition` again and again until it holds; false when the time is up.
bool eventually(const std::function<bool()>& condition,
                std::chrono::seconds within = std::chrono::seconds(30));

}  // namespace vozex::api_test

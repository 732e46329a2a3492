// SPDX-License-Identifier: Apache-2.0
//
// Journal: every request the gateway got, with what it was answered, so that a test can account for
// each. A list is filtered by metadata.KEY, gateway, method, path (prefix), type, state, after and
// limit. Bounded: the oldest go first, and `dropped` says how many. Thread rule: one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "api/sandbox/http.h"
#include "engine/base/time.h"

namespace vozex::sandbox {

struct RequestEntry {
  std::uint64_t seq = 0;
  Timestamp at;
  std::string gateway;
  std::string method;
  std::string path;
  std::string body;  // cut after 4 KiB
  nlohmann::json metadata;
  int status = 0;     // 0: no answer was given
  std::string fault;  // what was done wrong on purpose
};

class Journal {
 public:
  void add(RequestEntry entry);
  nlohmann::json list(const Filter& filter) const;
  std::uint64_t count() const { return last_seq_; }

 private:
  std::deque<RequestEntry> entries_;
  std::uint64_t last_seq_ = 0;
};

// Whether an object with these properties passes the filter; names without a property here are
// ignored.
bool passes(const Filter& filter,
            const nlohmann::json& metadata,
            const std::map<std::string, std::string>& exact,
            const std::string& path,
            std::uint64_t seq);
std::size_t limit_of(const Filter& filter);

}  // namespace vozex::sandbox

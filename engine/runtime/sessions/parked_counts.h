// SPDX-License-Identifier: Apache-2.0
//
// ParkedCounts: how many early events wait for each tenant, as far as this process knows: what the
// store said last, and what it admitted itself since. So the bound is kept roughly: other
// processes' events are learnt of with the next count. Values only; the driver locks. Tests:
// tests/unit/runtime.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/ports/work_store.h"

namespace vozex::runtime {

class ParkedCounts {
 public:
  explicit ParkedCounts(std::uint64_t limit) : limit_(limit) {}

  void counted(const std::vector<ports::TenantCount>& counts) {
    waiting_.clear();
    for (const ports::TenantCount& count : counts) waiting_[count.tenant] = count.count;
  }
  bool admit(const std::string& tenant) {
    std::uint64_t& waiting = waiting_[tenant];
    if (waiting >= limit_) return false;
    ++waiting;
    return true;
  }

 private:
  std::uint64_t limit_;
  std::map<std::string, std::uint64_t> waiting_;
};

}  // namespace vozex::runtime

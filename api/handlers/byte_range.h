// SPDX-License-Identifier: Apache-2.0
//
// One byte range of a file, as RFC 9110 (14.1, 14.2) has it. Several ranges, other units and what
// can't be read are no reason to refuse: the whole file is sent, as the RFC allows. Thread rule:
// pure. Tests: tests/unit/handlers.
#pragma once

#include <cstdint>
#include <string_view>

namespace vozex::handlers {

enum class RangeKind : std::uint8_t { whole, part, unsatisfiable };

struct ByteRange {
  RangeKind kind = RangeKind::whole;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

// `header` is the value of Range, "" when there is none.
ByteRange byte_range(std::string_view header, std::uint64_t size);

}  // namespace vozex::handlers

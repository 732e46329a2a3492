// SPDX-License-Identifier: Apache-2.0
//
// How validate() says what was wanted, what came, and where. Part of validate.h.
#pragma once

#include <string>
#include <string_view>

#include "engine/types/type.h"
#include "engine/types/value.h"

namespace vozex::types {

inline constexpr std::size_t k_max_quoted = 60;  // bytes of a refused string in its message

// Where the validator stands, as a chain through its stack frames: text is made only for faults.
struct Place {
  const Place* up = nullptr;
  std::string_view member;
  std::size_t index = 0;
  bool is_index = false;
};

// RFC 6901; "" for the whole payload.
std::string pointer_to(const Place* place);
// As a JSON string, cut after k_max_quoted bytes.
std::string quoted(std::string_view text);
std::string number_text(double number);
// "string \"12\"", "int 3", "an object".
std::string what_came(const Value& value);
std::string what_was_wanted(const Type& type);

}  // namespace vozex::types

// SPDX-License-Identifier: Apache-2.0
// The short notation of types: what is read prints as a text that reads as an equal type.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "engine/types/notation.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vozex::types;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto unknown = [](std::string_view) { return TypeRef(); };
  const auto type = parse_type(text, unknown, {"payment", "refund"});
  if (!type) {
    if (type.error().offset + type.error().length > size + 1) std::abort();
    return 0;
  }
  const std::string shown = to_string(**type);
  const auto again = parse_type(shown, unknown);
  if (!again || to_string(**again) != shown) std::abort();
  return 0;
}

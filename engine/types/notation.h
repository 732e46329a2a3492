// SPDX-License-Identifier: Apache-2.0
//
// The short notation of types: "list<enum(a|b)>" -> Type. Named types are looked up by the caller.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "engine/types/type.h"

namespace vozex::types {

// `offset` counts bytes from the start of the text; `suggestion` is the nearest known name, or
// empty.
struct NotationError {
  std::string message;
  std::string suggestion;
  std::size_t offset = 0;
  std::size_t length = 0;
};

// Returns nullptr for a name it doesn't know.
using TypeLookup = std::function<TypeRef(std::string_view name)>;

tl::expected<TypeRef, NotationError> parse_type(std::string_view text,
                                                const TypeLookup& named,
                                                const std::vector<std::string>& known_names = {});

}  // namespace vozex::types

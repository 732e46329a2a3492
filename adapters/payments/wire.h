// SPDX-License-Identifier: Apache-2.0
//
// Reading JSON that others wrote: absent, null and wrongly typed members are all "not there",
// integers are integers, and building our own objects without empty members. Thread rule: pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/payments/gateway.h"
#include "engine/types/object.h"

namespace vozex::payments {

using types::Object;

// Member as int; a string of digits counts too (some gateways send amounts so), a fraction never
// does.
std::optional<std::int64_t> int_at(const types::Value& object, std::string_view name);
bool true_at(const types::Value& object, std::string_view name);
// Member that is a map, or an empty map.
types::Value map_at(const types::Value& object, std::string_view name);
// Member that is a list, or an empty list.
types::Value::List list_at(const types::Value& object, std::string_view name);

std::string upper_currency(std::string_view text);

}  // namespace vozex::payments

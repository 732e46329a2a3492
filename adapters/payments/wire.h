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
#include "engine/types/value.h"

namespace vozex::payments {

// Member as int; a string of digits counts too (some gateways send amounts so), a fraction never
// does.
std::optional<std::int64_t> int_at(const types::Value& object, std::string_view name);
bool true_at(const types::Value& object, std::string_view name);
// Member that is a map, or an empty map.
types::Value map_at(const types::Value& object, std::string_view name);
// Member that is a list, or an empty list.
types::Value::List list_at(const types::Value& object, std::string_view name);

std::string upper_currency(std::string_view text);
types::Value money_value(const Money& money);

// An object that leaves out what is empty.
class Facts {
 public:
  Facts& text(std::string name, std::string_view value);
  // RFC 3339; what is no moment is left out: gateways send month 19.
  Facts& moment(std::string name, std::string_view value);
  Facts& number(std::string name, std::optional<std::int64_t> value);
  Facts& flag(std::string name, bool value);
  Facts& money(std::string name, std::optional<std::int64_t> minor, std::string_view currency);
  Facts& value(std::string name, types::Value value);
  types::Value done();

 private:
  types::Value::Map entries_;
};

}  // namespace vozex::payments

// SPDX-License-Identifier: Apache-2.0
//
// Object: a map of named members in the making, for answers, inputs and stored documents. What says
// nothing is left out: null, an empty text, a number or an amount that isn't there. Thread rule:
// plain value. Tests: tests/unit/types/object_test.cc.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/types/value.h"

namespace vozex::types {

class Object {
 public:
  Object& put(std::string_view name, Value value);
  Object& text(std::string_view name, std::string_view value);
  // RFC 3339; what is no moment is left out: others send month 19.
  Object& moment(std::string_view name, std::string_view value);
  Object& number(std::string_view name, std::optional<std::int64_t> value);
  template <std::integral Number>
  Object& number(std::string_view name, Number value) {
    return put(name, Value::integer(static_cast<std::int64_t>(value)));
  }
  Object& flag(std::string_view name, bool value) { return put(name, Value::boolean(value)); }
  // {minor, currency}; the currency in capitals.
  Object& money(std::string_view name,
                std::optional<std::int64_t> minor,
                std::string_view currency);
  // Kept when it is empty, too.
  Object& list(std::string_view name, const std::vector<std::string>& texts);
  Value done() { return Value::map(std::move(entries_)); }

 private:
  Value::Map entries_;
};

Value money_of(std::int64_t minor, std::string_view currency);
Value list_of(const std::vector<std::string>& texts);

}  // namespace vozex::types

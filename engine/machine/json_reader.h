// SPDX-License-Identifier: Apache-2.0
//
// JsonReader: takes apart what JsonWriter wrote. Text may be hostile: a misfit is remembered (the
// first one counts) and reading goes on with empty values, so that callers check once at the end.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/machine/lossless.h"
#include "engine/types/value.h"

namespace vozex::machine {

class JsonReader {
 public:
  bool failed() const { return !error_.empty(); }
  void fail_with(std::string message) {
    if (error_.empty()) error_ = std::move(message);
  }
  Failure failure(const char* code) const { return fail(ErrorClass::corrupt, code, error_); }

  // Empty for anything but a list.
  const types::Value::List& list(const types::Value* value, const char* what) {
    static const types::Value::List k_nothing;
    if (value == nullptr) return k_nothing;
    if (value->is_list()) return value->as_list();
    fail_with(std::string(what) + ": expected a list");
    return k_nothing;
  }

  std::string text(const types::Value* value, const char* what) {
    if (value == nullptr) return {};
    if (value->is_string()) return value->as_string();
    fail_with(std::string(what) + ": expected text");
    return {};
  }

  bool boolean(const types::Value* value, const char* what) {
    if (value == nullptr) return false;
    if (value->kind() == types::Kind::boolean) return value->as_boolean();
    fail_with(std::string(what) + ": expected true or false");
    return false;
  }

  template <class T>
  T number(const types::Value* value, const char* what) {
    if (value == nullptr) return {};
    if (value->kind() == types::Kind::integer && std::in_range<T>(value->as_integer())) {
      return static_cast<T>(value->as_integer());
    }
    fail_with(std::string(what) + ": expected a whole number in range");
    return {};
  }

  Timestamp time(const types::Value* value, const char* what) {
    return Timestamp{Duration{number<std::int64_t>(value, what)}};
  }

  types::Value value(const types::Value* plain, const char* what) {
    if (plain == nullptr) return {};
    auto decoded = from_plain(*plain);
    if (decoded) return *std::move(decoded);
    fail_with(std::string(what) + ": " + decoded.error().message);
    return {};
  }

  CallId call(const types::Value* value, const char* what) {
    const auto id = CallId::parse(text(value, what));
    if (!id) fail_with(std::string(what) + ": expected a call id");
    return id.value_or(CallId{});
  }
  std::optional<CallId> optional_call(const types::Value* value, const char* what) {
    if (value == nullptr) return std::nullopt;
    return call(value, what);
  }
  InstanceId instance(const types::Value* value, const char* what) {
    const auto id = InstanceId::parse(text(value, what));
    if (!id) fail_with(std::string(what) + ": expected an instance id");
    return id.value_or(InstanceId{});
  }

  // Element of a fixed-length array; a misfit when it is missing.
  const types::Value* at(const types::Value& array,
                         std::size_t index,
                         std::size_t size,
                         const char* what) {
    if (array.is_list() && array.as_list().size() == size) return &array.as_list()[index];
    fail_with(std::string(what) + ": expected a list of " + std::to_string(size));
    return nullptr;
  }

 private:
  std::string error_;
};

}  // namespace vozex::machine

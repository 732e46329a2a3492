// SPDX-License-Identifier: Apache-2.0
//
// What one evaluation has spent and what went wrong. Running out of budget is fatal: unlike other
// errors, && and
// || don't absorb it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "engine/expr/expr.h"
#include "engine/expr/function.h"

namespace re2 {
class RE2;
}

namespace vozex::expr {

class Meter {
 public:
  explicit Meter(const EvalLimits& limits) : limits_(limits) {}
  ~Meter() {
    if (limits_.spent != nullptr) *limits_.spent += cost_;
  }
  Meter(const Meter&) = delete;
  Meter& operator=(const Meter&) = delete;

  // False when the budget is gone; the error is then set.
  bool charge(std::uint64_t units) {
    cost_ += units;
    return cost_ <= limits_.max_cost || exhausted();
  }
  bool charge_text(std::size_t bytes) { return bytes < 16 || charge(bytes / 16); }
  // Before making something of so many bytes.
  bool charge_built(std::size_t bytes) {
    built_ += bytes;
    return built_ <= limits_.max_result_weight || too_heavy();
  }
  bool built_anything() const { return built_ > 0; }
  const EvalLimits& limits() const { return limits_; }

  // Always false.
  bool fail(std::string_view code, std::string message) {
    if (!fatal_) error_.emplace(EvalError{std::string(code), std::move(message)});
    return false;
  }
  bool fatal() const { return fatal_; }
  // Of what failed last.
  EvalError take_error() { return error_ ? *std::move(error_) : EvalError{}; }

 private:
  bool exhausted();
  bool too_heavy();

  const EvalLimits& limits_;
  std::uint64_t cost_ = 0;
  std::size_t built_ = 0;
  std::optional<EvalError> error_;
  bool fatal_ = false;
};

// One call of a function with evaluated arguments, the target first.
struct Call {
  Fn fn;
  std::span<const types::Value* const> args;
  types::Value& out;
  Meter& meter;
  const re2::RE2* pattern = nullptr;  // of matches, when its pattern is a constant

  const types::Value& arg(std::size_t i) const { return *args[i]; }
  types::Kind kind(std::size_t i) const { return args[i]->kind(); }
  bool is(std::size_t i, types::Kind wanted) const {
    return i < args.size() && args[i]->kind() == wanted;
  }
  bool give(types::Value value) {
    out = std::move(value);
    return true;
  }
  bool give_text(std::string text) {
    if (!meter.charge_text(text.size()) || !meter.charge_built(text.size())) return false;
    out = types::Value::string(std::move(text));
    return true;
  }
  bool fail(std::string_view code, std::string message) {
    return meter.fail(code, std::move(message));
  }
  // "no such overload: size(int)".
  bool no_overload();
};

// Each handles the functions of its family; false with the meter's error set.
bool call_operator(Call& call);
bool call_conversion(Call& call);
bool call_text(Call& call);
bool call_format(Call& call);
bool call_math(Call& call);
bool call_time(Call& call);
bool call_optional(Call& call);
bool call_collection(Call& call);
bool call_money(Call& call);

// Any function but in_state.
bool dispatch(Call& call);

// CEL's name of a value's type: "int", "google.protobuf.Timestamp".
std::string type_name_of(const types::Value& value);
// CEL's order of two numbers: an int or uint meets a double as a double. Nothing for NaN or what is
// no number.
std::optional<int> compare_numbers(const types::Value& a, const types::Value& b);
// Equality that pays for what it compares; nothing when the budget is gone.
bool equals(const types::Value& a, const types::Value& b, Meter& meter, bool& result);
// {minor: int, currency: string}.
bool is_money(const types::Value& value);

}  // namespace vozex::expr

// SPDX-License-Identifier: Apache-2.0
//
// A payment's names and values, as the language would declare them, for tests of expressions.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/expr/expr.h"
#include "engine/expr/text_form.h"

namespace vozex::expr::testing {

using types::TypeKind;
using types::TypeRef;
using types::Value;

inline TypeRef simple(TypeKind kind) { return types::simple_type(kind); }

inline TypeRef object_type(std::vector<std::pair<std::string, TypeRef>> members,
                           std::string name = "") {
  std::vector<types::Field> fields;
  for (auto& [field_name, type] : members) {
    types::Field field;
    field.name = field_name;
    field.type = std::move(type);
    fields.push_back(std::move(field));
  }
  return types::object_of(std::move(fields), std::move(name));
}

enum : Slot {
  k_input = 0,
  k_data = 1,
  k_event = 2,
  k_now = 3,
  k_result = 4,
  k_config = 5,
  k_actor = 6
};

inline Scope payment_scope() {
  const TypeRef text = simple(TypeKind::string);
  const TypeRef whole = simple(TypeKind::integer);
  const TypeRef line =
      object_type({{"id", text}, {"amount", whole}, {"note", types::optional_of(text)}}, "line");
  const TypeRef input = object_type({{"payment_id", text},
                                     {"gateway", types::enum_of({"dodo", "paypal", "stripe"})},
                                     {"amount", simple(TypeKind::money)},
                                     {"token", simple(TypeKind::secret)},
                                     {"lines", types::list_of(line)},
                                     {"rate", simple(TypeKind::real)}});
  const TypeRef data = object_type({{"checkout_url", types::optional_of(text)},
                                    {"captures", types::map_of(whole)},
                                    {"best", types::optional_of(line)},
                                    {"queue", types::list_of(line)},
                                    {"until", types::optional_of(simple(TypeKind::timestamp))},
                                    {"open", types::optional_of(simple(TypeKind::boolean))},
                                    {"extra", types::dyn_type()},
                                    {"votes", types::list_of(text)}});
  const TypeRef payload = object_type({{"amount", simple(TypeKind::money)},
                                       {"captured_total", whole},
                                       {"gateway_ref", text},
                                       {"final", simple(TypeKind::boolean)}},
                                      "payment.succeeded");
  const TypeRef event = object_type(
      {{"id", text}, {"name", text}, {"time", simple(TypeKind::timestamp)}, {"data", payload}});
  return {{{"input", input, k_input, ""},
           {"data", data, k_data, ""},
           {"event", event, k_event, ""},
           {"now", simple(TypeKind::timestamp), k_now, ""},
           {"result", types::dyn_type(), k_result, ""},
           {"config", object_type({{"limit", whole}}), k_config, ""},
           {"actor", nullptr, k_actor, "actor is only visible where a person acts"}}};
}

class Values : public Activation {
 public:
  Values() {
    const auto money = [](std::int64_t minor, const char* currency) {
      return Value::object(
          {{"minor", Value::integer(minor)}, {"currency", Value::string(currency)}});
    };
    const auto line = [](const char* id, std::int64_t amount) {
      return Value::object({{"id", Value::string(id)}, {"amount", Value::integer(amount)}});
    };
    const Value lines = Value::list({line("a", 10), line("b", 32)});
    set(k_input,
        Value::object({{"payment_id", Value::string("p1")},
                       {"gateway", Value::string("dodo")},
                       {"amount", money(4900, "USD")},
                       {"token", Value::string("vault:7")},
                       {"lines", lines},
                       {"rate", Value::real(0.5)}}));
    set(k_data,
        Value::object({{"checkout_url", Value::string("https://pay.example/x")},
                       {"captures",
                        Value::object({{"g1", Value::integer(4000)}, {"g2", Value::integer(900)}})},
                       {"queue", lines},
                       {"until", Value()},
                       {"extra", Value::object({{"n", Value::integer(3)}})},
                       {"votes", Value::list({Value::string("ann")})}}));
    set(k_event,
        Value::object({{"id", Value::string("e1")},
                       {"name", Value::string("payment.succeeded")},
                       {"time", Value::timestamp(types::SecondsNanos{1'764'000'000, 0})},
                       {"data",
                        Value::object({{"amount", money(4900, "EUR")},
                                       {"captured_total", Value::integer(4900)},
                                       {"gateway_ref", Value::string("g1")},
                                       {"final", Value::boolean(true)}})}}));
    set(k_now, Value::timestamp(types::SecondsNanos{1'764'000'060, 0}));
    set(k_result, Value::object({{"url", Value::string("u")}, {"gone", Value()}}));
    set(k_config, Value::object({{"limit", Value::integer(3)}}));
  }

  void set(Slot slot, Value value) { values_[slot] = std::move(value); }
  const Value* variable(Slot slot) const override {
    const auto found = values_.find(slot);
    return found == values_.end() ? nullptr : &found->second;
  }
  bool in_state(std::string_view path) const override { return path == "settled.dispute.open"; }

 private:
  std::map<Slot, Value> values_;
};

// The value as CEL-like text, "error CODE", or the problems as "CODE message | hint" lines.
std::string shown(const Value& value);
std::string problems_text(const std::vector<Problem>& problems);
std::string outcome(const Compiled& program, const Activation& values);
std::string outcome(std::string_view text);
std::string template_outcome(std::string_view text);

}  // namespace vozex::expr::testing

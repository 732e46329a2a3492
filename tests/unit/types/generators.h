// SPDX-License-Identifier: Apache-2.0
//
// RapidCheck generators of values, for the property tests of this folder.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <rapidcheck.h>

#include "engine/types/value.h"

namespace vozex::types {

// Valid UTF-8 with what hurts: quotes, control characters, several lengths of sequences.
inline rc::Gen<std::string> utf8_text() {
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(
                          rc::gen::element<std::string>("a",
                                                        "b",
                                                        "Z",
                                                        "\"",
                                                        "\\",
                                                        "/",
                                                        "\n",
                                                        "\x01",
                                                        std::string(1, '\0'),
                                                        "ü",
                                                        "€",
                                                        "\U0001F600")),
                      [](const std::vector<std::string>& parts) {
                        std::string text;
                        for (const std::string& part : parts) text += part;
                        return text;
                      });
}

inline rc::Gen<Value> json_scalar() {
  return rc::gen::oneOf(
      rc::gen::just(Value()),
      rc::gen::map(rc::gen::arbitrary<bool>(), [](bool b) { return Value::boolean(b); }),
      rc::gen::map(rc::gen::arbitrary<std::int64_t>(),
                   [](std::int64_t i) { return Value::integer(i); }),
      rc::gen::map(rc::gen::arbitrary<double>(), [](double d) { return Value::real(d); }),
      rc::gen::map(utf8_text(), [](std::string text) { return Value::string(std::move(text)); }));
}

// What JSON can carry without loss, nested at most `depth` deep.
inline rc::Gen<Value> json_value(int depth) {
  if (depth == 0) return json_scalar();
  // Each level is smaller than the one around it, or four levels would be a million values.
  const auto inner = rc::gen::scale(0.3, rc::gen::lazy([depth] { return json_value(depth - 1); }));
  return rc::gen::weightedOneOf<Value>(
      {{3, json_scalar()},
       {1,
        rc::gen::map(rc::gen::container<std::vector<Value>>(inner),
                     [](std::vector<Value> items) { return Value::list(std::move(items)); })},
       {1,
        rc::gen::map(rc::gen::container<std::vector<std::pair<std::string, Value>>>(
                         rc::gen::pair(utf8_text(), inner)),
                     [](const std::vector<std::pair<std::string, Value>>& members) {
                       Value::Map entries;
                       for (const auto& [name, value] : members) {
                         entries.push_back({Value::string(name), value});
                       }
                       return Value::map(std::move(entries));
                     })}});
}

}  // namespace vozex::types

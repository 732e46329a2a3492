// SPDX-License-Identifier: Apache-2.0
//
// A workflow that adds up what its events say: alone, as a group, until it is stopped or an hour is
// over.
#pragma once

#include <cstdint>
#include <string>

#include "tests/unit/runtime/rig.h"

namespace vozex::runtime {

inline const char* const k_counter = R"(
vozex: 1
workflow: counter
version: 1
key: input.name
input: {name: string, group: string}
output: {total: int}
data: {total: {type: int, default: 0}}
aliases: {group: input.group}
events:
  counter.add: {data: {name: string, amount: int}, match: event.data.name}
  group.add: {data: {group: string}, match: {group: event.data.group}}
  counter.stop: {data: {name: string}, match: event.data.name, unhandled: reject}
  counter.tick: {data: {name: string}, match: event.data.name, early: drop}
warnings: {VZ0606: tests want silence here}
initial: open
states:
  open:
    on:
      counter.add: {set: {total: "${data.total + event.data.amount}"}}
      group.add: {set: {total: "${data.total + 1}"}}
      counter.stop: {when: data.total > 0, target: closed}
    after: {1h: closed}
  closed: {type: final, output: {total: "${data.total}"}}
)";

inline types::Value counter(const std::string& name, const std::string& group = "g") {
  return object({{"name", text(name)}, {"group", text(group)}});
}

inline types::Value add(const std::string& name, std::int64_t amount = 1) {
  return object({{"name", text(name)}, {"amount", number(amount)}});
}

}  // namespace vozex::runtime

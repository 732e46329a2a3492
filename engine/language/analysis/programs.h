// SPDX-License-Identifier: Apache-2.0
//
// Every expression of a machine, with the place that it stands in: for checks over all of them.
#pragma once

#include <functional>

#include "engine/machine/machine.h"

namespace vozex::language {

// What becomes of an expression's value.
enum class Use : std::uint8_t {
  condition,  // guards, invariants
  stored,     // `set`, defaults, `for_each`
  passed,     // the input of a call, a child or a started workflow; what is sent inside a tree
  emitted,    // data of `emit`
  output,     // `output` and `reply`
  failure,    // code, message and details of an error
  text,       // `log`, `incident`
  status,
  key,  // business keys, aliases, idempotency keys, what `match` looks for
  search,
  task,    // what people see: queue, title, assignee, prefill
  moment,  // timers, due
};

struct UsedProgram {
  const expr::Program& program;
  Use use;
  const Span& span;
};

void for_each_program(const machine::Machine& machine,
                      const std::function<void(const UsedProgram&)>& visit);

// Every action of the machine: of states on entry and exit, and of transitions.
void for_each_action(const machine::Machine& machine,
                     const std::function<void(const machine::Action&)>& visit);

}  // namespace vozex::language

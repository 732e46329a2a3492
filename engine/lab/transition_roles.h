// SPDX-License-Identifier: Apache-2.0
//
// What makes each transition of a machine fire, as an author wrote it: an event, a timer, the end
// of an invoke, a person's action. A machine keeps transitions in one array; this is the way back.
// Pure. Tests: tests/unit/lab.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/machine/machine.h"

namespace vozex::lab {

// Spelled on the wire (docs/tools.md, `graph --format json`).
enum class Trigger : std::uint8_t {
  event,    // `on`; name: the descriptor
  always,   // eventless
  done,     // the state's own on_done
  after,    // name: "30m", or the expression
  every,    // name: "6h", "cron 0 3 * * *"
  invoked,  // on_done of an invoke; name: its id
  failed,   // on_error of an invoke
  each,     // on_each of an invoke
  action,   // a person's; name: the action
  overdue,  // of the state's task
};
const char* to_string(Trigger trigger);

struct TransitionRole {
  Trigger trigger = Trigger::event;
  std::string name;
};

// One for each transition of the machine, in its order.
std::vector<TransitionRole> roles_of(const machine::Machine& machine);

// "on payment.failed", "after 30m", "on_error of deliver", "action accept".
std::string role_text(const TransitionRole& role);

// "30m", "cron 0 3 * * *", or the expression that gives it.
std::string timer_text(const machine::TimerDecl& timer);

// What one action of a block does: "set captured, reason", "emit ops.alert", "call
// payments.refund".
std::string action_text(const machine::Action& action);

// "payments.refund", "workflow payment", "compensate".
std::string invoke_text(const machine::InvokeDecl& invoke);

// The source of an expression on one line; "" for null.
std::string source_line(const expr::ProgramRef& program);

// "data.lines[...].status" without the "data.".
std::string path_text(const std::vector<machine::PathStep>& path);

}  // namespace vozex::lab

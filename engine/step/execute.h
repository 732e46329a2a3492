// SPDX-License-Identifier: Apache-2.0
//
// Executable content: the actions of on_entry, on_exit and `do`. A failing action ends its own
// block and raises error.execution, as SCXML's executable content does. Assignments live in
// assign.cc, messages in messages.cc.
#pragma once

#include "engine/step/run.h"

namespace vozex::stepping {

// `where` is the state whose block it is, for messages.
void execute_block(Run& run, const machine::Block& block, StateIndex where);

// What an action gives back: nothing, or why it failed.
using Executed = tl::expected<void, expr::EvalError>;

inline tl::unexpected<expr::EvalError> failed(std::string code, std::string message) {
  return tl::unexpected<expr::EvalError>(expr::EvalError{std::move(code), std::move(message)});
}

// `set:`. All right sides and indices see old data; then the places are written in order.
Executed assign(Run& run, const std::vector<machine::Assignment>& assignments);

// `value` as the declared type wants it; a misfit is the error `type_mismatch`. A null type takes
// anything.
tl::expected<Value, expr::EvalError> conform(Value value, const types::Type* type);

Executed execute_reply(Run& run, const machine::Action& action);
Executed execute_emit(Run& run, const machine::Action& action);
Executed execute_raise(Run& run, const machine::Action& action);
Executed execute_call(Run& run, const machine::Action& action);
Executed execute_start(Run& run, const machine::Action& action);
Executed execute_send(Run& run, const machine::Action& action);
Executed execute_cancel(Run& run, const machine::Action& action);

// The value of an optional program; null when there is none.
tl::expected<Value, expr::EvalError> value_of(Run& run, const expr::ProgramRef& program);
// As text for logs and messages: strings as they are, others as JSON.
std::string text_of(const Value& value);

}  // namespace vozex::stepping

// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/diff/program_text.h"

#include "engine/lab/transition_roles.h"
#include "engine/lab/words.h"

namespace vozex::lab {
namespace {

void add(std::string& text, const char* name, const expr::ProgramRef& program) {
  if (program != nullptr) text += std::string(" ") + name + " " + program_text(program);
}

std::string operation_text(const machine::OperationRef& operation) {
  return operation == nullptr ? "" : operation->adapter + "." + operation->name;
}

std::string retry_text(const machine::RetryPolicy& retry) {
  return " attempts " + std::to_string(retry.attempts) + " backoff " +
         format_duration(retry.backoff) + " factor " + std::to_string(retry.factor) + " max " +
         format_duration(retry.max) + " jitter " + std::to_string(retry.jitter) +
         (retry.deadline ? " deadline " + format_duration(*retry.deadline) : "");
}

}  // namespace

std::string program_text(const expr::ProgramRef& program) {
  return program == nullptr ? "" : on_one_line(expr::text_of(*program));
}

std::string whole_text(const machine::Action& action) {
  std::string text = action.kind == machine::ActionKind::set ? "set" : action_text(action);
  for (const machine::Assignment& one : action.set)
    text += " " + path_text(one.path) + ": " + program_text(one.value);
  add(text, "when", action.when);
  add(text, "for each of", action.for_each);
  add(text, "with", action.value);
  add(text, "error", action.error);
  add(text, "after", action.delay);
  if (action.call != nullptr) {
    text += whole_text(*action.call);
    add(text, "with", action.call->input);
  }
  if (action.kind == machine::ActionKind::send)
    text += " to " + std::to_string(static_cast<int>(action.target)) + action.child + action.id;
  return text;
}

std::string whole_text(const machine::Block& block) {
  std::string text;
  for (const machine::Action& action : block)
    text += (text.empty() ? "" : "; ") + whole_text(action);
  return text;
}

std::string whole_text(const machine::CallDecl& call) {
  std::string text = operation_text(call.operation);
  if (call.timeout) text += " timeout " + format_duration(*call.timeout);
  text += retry_text(call.retry);
  add(text, "idempotency_key", call.idempotency_key);
  if (call.compensate != nullptr) text += " compensate " + operation_text(call.compensate);
  add(text, "with", call.compensate_input);
  return text;
}

}  // namespace vozex::lab

// SPDX-License-Identifier: Apache-2.0
//
// The first step of an instance.
#include <utility>

#include "engine/step/causation.h"
#include "engine/step/defaults.h"
#include "engine/step/enter_exit.h"
#include "engine/step/execute.h"
#include "engine/step/keys.h"
#include "engine/step/macrostep.h"
#include "engine/step/run.h"
#include "engine/step/sets.h"
#include "engine/step/step.h"
#include "engine/types/validate.h"

namespace vozex {
namespace {

using machine::Machine;
using machine::Snapshot;
using stepping::Run;
using types::Value;

Error invalid_input(const std::vector<types::Fault>& faults, const std::string& what) {
  Error error{ErrorClass::invalid, "invalid_input", what + ": " + types::describe(faults), {}};
  for (const types::Fault& fault : faults) error.details.push_back({fault.pointer, fault.message});
  return error;
}

Result<Value> valid_input(const Machine& machine, const Value& input) {
  Value given = input.is_null() ? Value::map({}) : input;
  if (machine.input == nullptr) return given;
  auto valid = types::validate(given, *machine.input);
  if (valid) return *std::move(valid);
  return tl::unexpected(invalid_input(valid.error(), "the input of " + machine.workflow));
}

Result<std::string> key_of(Run& run) {
  if (run.machine.key == nullptr) return run.next.id.text();
  auto value = stepping::value_of(run, run.machine.key);
  if (!value)
    return fail(ErrorClass::invalid,
                "invalid_key",
                "the key of " + run.machine.workflow + ": " + value.error().message);
  const std::vector<std::string> keys = keys_from(*value);
  if (keys.size() != 1 || !may_be_key(keys.front())) {
    return fail(ErrorClass::invalid,
                "invalid_key",
                "the key of " + run.machine.workflow + " must be one text of 1 to " +
                    std::to_string(k_max_key_bytes) + " bytes, without U+0000");
  }
  return keys.front();
}

Snapshot blank(const Machine& machine, const StartRequest& request, Timestamp now) {
  Snapshot next;
  next.id = request.id;
  next.root = request.root;
  next.parent = request.parent;
  next.tenant = request.tenant;
  next.workflow = machine.workflow;
  next.version = machine.version;
  next.at = now;
  next.started_at = now;
  next.data = Value::map({});
  return next;
}

}  // namespace

Result<StepOutcome> start(const Machine& machine,
                          const StartRequest& request,
                          Timestamp now,
                          const Value& config) {
  if (machine.states.empty())
    return fail(ErrorClass::invalid, "invalid_machine", "the workflow has no states");
  auto input = valid_input(machine, request.input);
  if (!input) return tl::unexpected(input.error());
  StepOutcome out;
  out.next = blank(machine, request, now);
  out.next.input = *std::move(input);
  Run run(machine, out.next, now, config, out);
  run.draft.advance(now);
  run.draft.set_causation(request.causation);
  run.draft.begin_turn();
  if (auto filled = stepping::fill_defaults(run, out.next.input, machine.input_defaults, "input.");
      !filled) {
    return tl::unexpected(filled.error());
  }
  auto key = key_of(run);
  if (!key) return tl::unexpected(key.error());
  out.next.key = *std::move(key);
  run.activation.forget(machine::k_slot_instance);
  run.activation.forget(machine::k_slot_instance_key);
  if (auto filled = stepping::fill_defaults(run, out.next.data, machine.data_fields, "data.");
      !filled) {
    return tl::unexpected(filled.error());
  }
  run.data_may_grow = true;
  stepping::enter_states(run, stepping::compute_initial_set(run));
  stepping::settle(run);
  if (!run.refusal) stepping::finish(run);
  if (run.refusal) {
    return fail(ErrorClass::refused,
                run.refusal->code,
                "the first step of " + machine.workflow + " was refused: " + run.refusal->message);
  }
  stepping::share_out(run);
  out.disposition = machine::Disposition::created;
  return out;
}

}  // namespace vozex

// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/definitions/door.h"

#include "engine/types/validate.h"

namespace vozex::runtime {
namespace {

Failure invalid_payload(const std::string& event, const std::vector<types::Fault>& faults) {
  Error error{ErrorClass::invalid,
              "invalid_payload",
              "the data of " + event + " does not fit its type: " + types::describe(faults),
              {}};
  for (const types::Fault& fault : faults) error.details.push_back({fault.pointer, fault.message});
  return Failure(std::move(error));
}

bool may_send(machine::Sender from, const std::string& source) {
  switch (from) {
    case machine::Sender::anybody: return true;
    case machine::Sender::gateways: return source.starts_with("gateway:");
    case machine::Sender::instances: return source.starts_with("instance:");
  }
  return false;
}

// One workflow that takes it from nobody else is enough: its word is what is protected.
Result<void> check_sender(const Definitions& definitions, const machine::Event& event) {
  for (const Definitions::Use& use : definitions.uses_of(event.name)) {
    if (may_send(use.event->from, event.source)) continue;
    const bool gateways = use.event->from == machine::Sender::gateways;
    return fail(ErrorClass::refused,
                "event_reserved",
                event.name + " is told by " +
                    (gateways ? "verified webhooks of payment gateways" : "workflows") +
                    " only (`from` of the event in the workflow " + use.machine->workflow +
                    "); post an event of your own, or use an action of the instance");
  }
  return {};
}

}  // namespace

types::TypeRef event_type(const Definitions& definitions, std::string_view event) {
  for (const Definitions::Use& use : definitions.uses_of(event)) {
    if (use.event->data != nullptr && use.event->data->kind != types::TypeKind::dyn) {
      return use.event->data;
    }
  }
  return nullptr;
}

Result<machine::Event> admit(const Definitions& definitions, machine::Event event) {
  if (!definitions.knows_event(event.name)) {
    return fail(ErrorClass::invalid,
                "unknown_event",
                "no deployed workflow declares the event " + event.name +
                    ": declare it under `events:`, or check its spelling");
  }
  if (auto allowed = check_sender(definitions, event); !allowed)
    return tl::unexpected(allowed.error());
  const types::TypeRef type = event_type(definitions, event.name);
  if (type == nullptr) return event;
  auto fitting = types::validate(event.data, *type);
  if (!fitting) return invalid_payload(event.name, fitting.error());
  event.data = std::move(*fitting);
  return event;
}

Result<void> may_be_started(const machine::Machine& machine) {
  if (machine.start_from == machine::Sender::anybody) return {};
  return fail(ErrorClass::refused,
              "start_reserved",
              machine.workflow +
                  " is started by workflows only (`start: from: instances` in its file): nothing "
                  "was started; start the workflow that has it as a part");
}

machine::Event fit(const Definitions& definitions, machine::Event event) {
  const types::TypeRef type = event_type(definitions, event.name);
  if (type == nullptr) return event;
  if (auto fitting = types::validate(event.data, *type)) event.data = std::move(*fitting);
  return event;
}

Result<void> check_event_types(const Definitions& definitions,
                               const std::vector<machine::MachineRef>& machines) {
  std::map<std::string, std::pair<types::TypeRef, std::string>> seen;
  const auto check = [&seen](const machine::MachineRef& machine,
                             const machine::EventDecl& event) -> Result<void> {
    if (event.data == nullptr || event.data->kind == types::TypeKind::dyn) return {};
    const auto [entry, is_new] = seen.try_emplace(event.name, event.data, machine->workflow);
    if (is_new || types::equal(*entry->second.first, *event.data)) return {};
    return fail(ErrorClass::conflict,
                "event_type_changed",
                machine->workflow + " declares " + event.name + " as " +
                    types::to_string(*event.data) + ", but " + entry->second.second + " as " +
                    types::to_string(*entry->second.first) +
                    ": one event name has one type in an installation");
  };
  for (const machine::MachineRef& machine : machines) {
    for (const machine::EventDecl& event : machine->events) {
      if (auto fine = check(machine, event); !fine) return fine;
    }
  }
  for (const machine::MachineRef& machine : definitions.all()) {
    // Versions and workflows that this deploy replaces no longer speak.
    if (definitions.newest(machine->workflow) != machine) continue;
    bool replaced = false;
    for (const machine::MachineRef& added : machines) {
      replaced = replaced || added->workflow == machine->workflow;
    }
    if (replaced) continue;
    for (const machine::EventDecl& event : machine->events) {
      if (auto fine = check(machine, event); !fine) return fine;
    }
  }
  return {};
}

}  // namespace vozex::runtime

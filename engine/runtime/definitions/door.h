// SPDX-License-Identifier: Apache-2.0
//
// The door: payloads against what the deployed machines declare. One event name has one type in an
// installation, so the first declaration that says more than `json` speaks for all. Pure.
#pragma once

#include "engine/base/result.h"
#include "engine/machine/event.h"
#include "engine/runtime/definitions/definitions.h"

namespace vozex::runtime {

// The declared type of an event's data; nullptr when nobody declares one.
types::TypeRef event_type(const Definitions& definitions, std::string_view event);

// An event from outside, checked and normalised. Errors: unknown_event, invalid_payload (details: a
// JSON pointer each), event_reserved (refused: it is not its sender's to send).
Result<machine::Event> admit(const Definitions& definitions, machine::Event event);

// Whether a start of it may be asked for from outside. Error start_reserved (refused): only
// workflows, start rules and schedules start it.
Result<void> may_be_started(const machine::Machine& machine);

// An event that has been admitted before and came back from JSON: normalised where it fits, else as
// it is.
machine::Event fit(const Definitions& definitions, machine::Event event);

// New machines against those deployed: an event must keep its type. Error class conflict
// `event_type_changed`.
Result<void> check_event_types(const Definitions& definitions,
                               const std::vector<machine::MachineRef>& machines);

}  // namespace vozex::runtime

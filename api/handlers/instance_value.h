// SPDX-License-Identifier: Apache-2.0
//
// Instances, what they wait for and what they refuse, as values for answers. The members are the
// API's contract: docs/operations.md. Thread rule: pure; explain_refusal asks the engine and may
// block.
#pragma once

#include "api/handlers/services.h"
#include "engine/step/step.h"

namespace vozex::handlers {

// The row as lists show it.
types::Value summary(const ports::InstanceRow& row);
// With timers, open work, incidents, what is deferred.
types::Value to_value(const runtime::InstanceView& view);
types::Value to_value(const Waiting& waiting, const runtime::InstanceView& view, Timestamp now);
types::Value to_value(const ports::CallRow& row);
types::Value to_value(const OfferedAction& action);
// `now` decides whether it is overdue.
types::Value to_value(const ports::TaskRow& row, Timestamp now);

// What an instance that refused something is in, and what it would take: {state, accepted_events,
// actions, tasks}. An empty map when it can't be found.
types::Value explain_refusal(const Services& services,
                             const InstanceId& id,
                             const machine::Actor& actor);

}  // namespace vozex::handlers

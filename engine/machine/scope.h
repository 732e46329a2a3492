// SPDX-License-Identifier: Apache-2.0
//
// The names that expressions see, and the slot of each in an activation. The language compiles
// against these slots and the step fills them; nobody else numbers variables.
#pragma once

#include "engine/expr/expr.h"

namespace vozex::machine {

inline constexpr expr::Slot k_slot_input = 0;
inline constexpr expr::Slot k_slot_data = 1;
inline constexpr expr::Slot k_slot_event = 2;    // {id, name, source, time, data, form}
inline constexpr expr::Slot k_slot_actor = 3;    // {id, roles}
inline constexpr expr::Slot k_slot_result = 4;   // of the call or child that ended
inline constexpr expr::Slot k_slot_error = 5;    // {code, message, retryable, attempts, details}
inline constexpr expr::Slot k_slot_invoked = 6;  // {<invoke id>: [{item, status, result, error}]}
inline constexpr expr::Slot k_slot_now = 7;
inline constexpr expr::Slot k_slot_instance =
    8;  // {id, key, workflow, version, tenant, started_at}
inline constexpr expr::Slot k_slot_config = 9;
inline constexpr expr::Slot k_slot_index =
    10;  // position in the fan-out, in on_each and in a fan-out's `with`
inline constexpr expr::Slot k_slot_item = 11;  // the loop variable of an invoke's for_each
inline constexpr expr::Slot k_slot_each = 12;  // the loop variable of an action's for_each
// Members of `event` and `instance` by themselves: most expressions want one, not the whole.
inline constexpr expr::Slot k_slot_event_data = 13;
inline constexpr expr::Slot k_slot_event_id = 14;
inline constexpr expr::Slot k_slot_event_name = 15;
inline constexpr expr::Slot k_slot_event_source = 16;
inline constexpr expr::Slot k_slot_event_time = 17;
inline constexpr expr::Slot k_slot_instance_id = 18;
inline constexpr expr::Slot k_slot_instance_key = 19;
inline constexpr expr::Slot k_slots = 20;

// The members of the variable in this slot that have slots of their own.
std::vector<std::pair<std::string, expr::Slot>> member_slots(expr::Slot slot);

}  // namespace vozex::machine

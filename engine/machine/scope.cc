// SPDX-License-Identifier: Apache-2.0
#include "engine/machine/scope.h"

namespace vozex::machine {

std::vector<std::pair<std::string, expr::Slot>> member_slots(expr::Slot slot) {
  if (slot == k_slot_event) {
    return {{"data", k_slot_event_data},
            {"id", k_slot_event_id},
            {"name", k_slot_event_name},
            {"source", k_slot_event_source},
            {"time", k_slot_event_time}};
  }
  if (slot == k_slot_instance) return {{"id", k_slot_instance_id}, {"key", k_slot_instance_key}};
  return {};
}

}  // namespace vozex::machine

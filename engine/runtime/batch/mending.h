// SPDX-License-Identifier: Apache-2.0
//
// Mending: ops give a row that this program can't read (a quarantined one, batch_incidents.cc)
// texts that it can. An order that a lane handles like an event; the instance is held afterwards,
// so that nothing happens before somebody has looked: then it is moved, patched, resumed or
// cancelled like any other. Values only. Tests: tests/unit/runtime/mending_test.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/machine/event.h"
#include "engine/machine/machine.h"
#include "engine/machine/snapshot.h"
#include "engine/ports/rows.h"

namespace vozex::runtime {

// No workflow can declare an event of this name, and no door lets it in: it comes from operate().
inline constexpr std::string_view k_mend_event = "$mend";
inline constexpr const char* k_mended_incident = "mended";

struct Mending {
  types::Value data;  // the whole of it; null: what the row has
  types::Value rt;    // the whole runtime part as machine/codec.h writes it; null: what the row has
  // Forget the runtime part: only active in these states (paths, as the column `state` has them,
  // "" that column itself), without timers, open work, or whatever else was on the way.
  std::optional<std::string> states;
  machine::Actor actor;
  std::string reason;
};
machine::Event mend_event(const Mending& mending);
inline bool is_mending(const machine::Event& event) { return event.name == k_mend_event; }

// Class refused: what can be read needs no mending.
Error not_damaged(const InstanceId& id);

// The snapshot of the mended row: held, unless it has ended, by an incident that says who mended it
// and why. Class refused `still_unreadable`: why the row can't be read with these texts, either.
Result<machine::Snapshot> mend(const machine::Machine& machine,
                               const ports::InstanceRow& row,
                               const machine::Event& event,
                               Timestamp now);

}  // namespace vozex::runtime

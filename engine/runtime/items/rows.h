// SPDX-License-Identifier: Apache-2.0
//
// Between a snapshot and its row: the columns (the texts are machine/codec.h), and what the world
// is told of it.
#pragma once

#include "engine/machine/machine.h"
#include "engine/machine/snapshot.h"
#include "engine/ports/rows.h"
#include "engine/runtime/engine.h"

namespace vozex::runtime {

// The members of a snapshot that are columns.
void read_columns(const ports::InstanceRow& row, machine::Snapshot& snapshot);

// The whole row of a snapshot, texts included; its etag is 0.
ports::InstanceRow row_of(const machine::Machine& machine,
                          const machine::Snapshot& snapshot,
                          Shard shard);

// Without its view.
Engine::Change change_of(const machine::Machine& machine, const machine::Snapshot& snapshot);
InstanceView view_of(const machine::MachineRef& machine,
                     const machine::Snapshot& snapshot,
                     Shard shard,
                     Etag etag);

}  // namespace vozex::runtime

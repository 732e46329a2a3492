// SPDX-License-Identifier: Apache-2.0
//
// Between a snapshot and its row: the columns. The texts are machine/codec.h.
#pragma once

#include "engine/machine/machine.h"
#include "engine/machine/snapshot.h"
#include "engine/ports/store.h"

namespace vozex::runtime {

// The members of a snapshot that are columns.
void read_columns(const ports::InstanceRow& row, machine::Snapshot& snapshot);

// The whole row of a snapshot, texts included; its etag is 0.
ports::InstanceRow row_of(const machine::Machine& machine,
                          const machine::Snapshot& snapshot,
                          Shard shard);

}  // namespace vozex::runtime

// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/items/rows.h"

#include "engine/machine/codec.h"
#include "engine/types/json.h"

namespace vozex::runtime {

void read_columns(const ports::InstanceRow& row, machine::Snapshot& snapshot) {
  snapshot.id = row.id;
  snapshot.root = row.root;
  snapshot.tenant = row.tenant;
  snapshot.workflow = row.workflow;
  snapshot.version = row.version;
  snapshot.key = row.key;
  snapshot.life = row.life;
  snapshot.seq = row.seq;
  snapshot.at = row.at;
  snapshot.started_at = row.started_at;
  snapshot.status = row.status;
}

ports::InstanceRow row_of(const machine::Machine& machine,
                          const machine::Snapshot& snapshot,
                          Shard shard) {
  ports::InstanceRow row;
  row.shard = shard;
  row.id = snapshot.id;
  row.root = snapshot.root;
  if (snapshot.parent) row.parent = snapshot.parent->instance;
  row.tenant = snapshot.tenant;
  row.workflow = snapshot.workflow;
  row.version = snapshot.version;
  row.key = snapshot.key;
  row.seq = snapshot.seq;
  row.life = snapshot.life;
  row.state = machine::state_text(machine, snapshot);
  row.status = snapshot.status;
  row.incident = !snapshot.incidents.empty();
  row.timer_at = machine::next_due(snapshot);
  row.at = snapshot.at;
  row.started_at = snapshot.started_at;
  machine::StoredSnapshot stored = machine::encode(machine, snapshot);
  row.input = std::move(stored.input);
  row.data = std::move(stored.data);
  row.rt = std::move(stored.rt);
  if (machine::is_ended(snapshot.life)) row.output = types::to_json(snapshot.output);
  return row;
}

Engine::Change change_of(const machine::Machine& machine, const machine::Snapshot& snapshot) {
  return {snapshot.id,
          snapshot.root,
          snapshot.tenant,
          snapshot.workflow,
          snapshot.key,
          snapshot.seq,
          machine::state_text(machine, snapshot),
          snapshot.status,
          snapshot.life};
}

InstanceView view_of(const machine::MachineRef& machine,
                     const machine::Snapshot& snapshot,
                     Shard shard,
                     Etag etag) {
  InstanceView view{row_of(*machine, snapshot, shard), snapshot, machine};
  view.row.etag = etag;
  return view;
}

}  // namespace vozex::runtime

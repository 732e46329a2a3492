// SPDX-License-Identifier: Apache-2.0
//
// The binding writes of one group, folded to what commits take: one row per key and holder,
// saying how it shall be in the end. In a group the order of writes counts (a key is released, then
// taken by the successor; a key is taken by an order that ends at once), in a set-based statement
// it can't. Pure. Tests: tests/unit/postgres/fold_test.cc.
#pragma once

#include <optional>
#include <vector>

#include "engine/ports/lane_store.h"

namespace vozex::postgres {

// Of commit_v1.
enum class FoldedOp : std::int16_t {
  take = 1,
  take_reusable = 2,
  add_alias = 3,
  wait = 4,
  end_key = 5,
  release_key = 6,
  end_alias = 7,
  release_alias = 8,
  look = 9,
};

struct FoldedBinding {
  FoldedOp op = FoldedOp::take;
  ports::BindingKey binding;
  bool live = true;  // take, add_alias: the holder hasn't ended in the same group
  ports::InstanceKey holder;
  InstanceId gives;  // take: who gives the key up in this group, nil for nobody
  MarkId mark;       // wait: of the event
};

struct FoldedGroup {
  std::vector<FoldedBinding> bindings;
  // The group takes a key twice without giving it up: no database is needed to say so.
  std::optional<ports::BindingKey> taken;
};

FoldedGroup fold(const ports::Group& group);

// Bindings are known by a digest of their key, and have a shard of its bytes.
Bytes16 id_of(const ports::BindingKey& key);
inline Shard shard_of_binding(const Bytes16& id) { return id[15]; }
bool is_alias(const ports::BindingKey& key);

}  // namespace vozex::postgres

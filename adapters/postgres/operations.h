// SPDX-License-Identifier: Apache-2.0
//
// Operations: the groups of one wave as parameters of commit_v4 (migrations/postgres/
// *_commit_v4*.sql), or of commit_v3 for homes (home_commit.h): one array of rows for each
// operation, in the order of their keys, so that statements that wait for each other's rows rarely
// do so in a circle. Made for one call; what it is made of must outlive it.
#pragma once

#include <cstdint>
#include <vector>

#include "adapters/postgres/column.h"
#include "adapters/postgres/fold.h"
#include "adapters/postgres/numbers.h"
#include "engine/ports/lane_store.h"

namespace vozex::postgres {

// Of the types of rows that commits take, as this database numbers them. `instance` and `call` are
// those of commit_v3; commit_v4 has `start`, `over`, `insert_call` and `end_call` in their place.
struct RowTypes {
  TypeIds instance{}, step{}, history{}, mark{}, answer{}, binding{}, parked{}, call{}, outbox{};
  TypeIds tasks_of{}, task{};
  TypeIds start{}, over{}, insert_call{}, end_call{};
};

class Operations {
 public:
  void add(std::int32_t position, const ports::InstanceWrite& write);
  void add(std::int32_t position, const ports::HistoryRow& row);
  // `place`: among the marks of its group.
  void add(std::int32_t position, std::int16_t place, const ports::MarkWrite& write);
  void add(std::int32_t position, const MarkId& unpark);
  void add(std::int32_t position, const ports::ParkWrite& park);
  void add(std::int32_t position, const ports::CallWrite& write);
  void add(std::int32_t position, const ports::OutboxRow& row, bool done);
  // `place` is what answers call it by.
  void add(std::int32_t place, std::int32_t position, const FoldedBinding& binding);

  // The parameters of commit_v4 from p_rest on.
  void add_to(Params& params, const RowTypes& types);
  // Early events, parked and delivered, can be written elsewhere: then only keys that wait for
  // them are part of the call.
  enum class EarlyEvents : std::uint8_t { here, elsewhere };
  // The parameters of commit_v3 from p_new on.
  void add_v3_to(Params& params, const RowTypes& types, EarlyEvents early = EarlyEvents::here);

 private:
  // What is written, and the position of its group.
  template <class Write>
  struct Of {
    std::int32_t group;
    const Write* write;
  };
  template <class Write>
  using All = std::vector<Of<Write>>;
  struct Mark {
    std::int32_t group;
    std::int16_t place;  // among those of its group
    const ports::MarkWrite* write;
  };
  struct Key {
    std::int32_t place;
    std::int32_t group;
    const FoldedBinding* write;
    Bytes16 id;
  };
  enum class Version : std::uint8_t { v3, v4 };
  // The parameter that a key goes to.
  enum class KeyPlace : std::uint8_t { take, over, other };

  KeyPlace place_of(const Key& key) const;
  bool has_rest() const;     // p_rest
  std::size_t rows() const;  // p_rows
  void add_all_to(Params& params, const RowTypes& types, Version version, EarlyEvents early);
  void add_instances_to(Params& params, const RowTypes& types, Version version);
  void add_marks_to(Params& params, const RowTypes& types, EarlyEvents early);
  void add_keys_to(Params& params, const RowTypes& types, Version version, EarlyEvents early);
  void add_calls_to(Params& params, const RowTypes& types, Version version) const;
  void add_messages_to(Params& params, const RowTypes& types) const;
  void add_tasks_to(Params& params, const RowTypes& types) const;

  All<ports::InstanceWrite> news_, born_, steps_, ends_, late_;
  All<ports::HistoryRow> history_;
  std::vector<Mark> marks_;
  All<ports::MarkWrite> answers_;
  All<MarkId> unparks_;
  std::vector<Key> keys_;
  bool waits_ = false;
  All<ports::ParkWrite> parks_;
  All<ports::CallWrite> calls_, called_, recalls_;
  All<ports::OutboxRow> posts_, sent_;
};

// Each write of a group but its keys, which come folded, to the Operations that `at` says for the
// bucket it stands in.
template <class At>
void add_group(std::int32_t position, const ports::Group& group, At&& at) {
  for (const auto& write : group.instances) at(write.row.shard).add(position, write);
  for (const auto& row : group.history) at(row.shard).add(position, row);
  std::int16_t place = 0;
  for (const auto& write : group.marks) {
    at(shard_of_mark(write.mark)).add(position, place++, write);
  }
  for (const auto& mark : group.unparks) at(shard_of_mark(mark)).add(position, mark);
  for (const auto& park : group.parks) at(shard_of_mark(park.mark)).add(position, park);
  for (const auto& write : group.calls) at(write.row.shard).add(position, write);
  for (const auto& row : group.outbox) at(row.shard).add(position, row, false);
  for (const auto& row : group.outbox_done) at(row.shard).add(position, row, true);
}

}  // namespace vozex::postgres

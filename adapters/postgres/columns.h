// SPDX-License-Identifier: Apache-2.0
//
// The rows of commit_home_v1's batch, as columns. Members are named and ordered like the attributes
// of batch_v1 and tasks_v1 (migrations/postgres), and count what was added where `p_n` wants it.
// How rows are numbered and named is shared with operations.h.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "adapters/postgres/column.h"
#include "adapters/postgres/fold.h"
#include "engine/ports/store.h"

namespace vozex::postgres {

// What a write does to the row of its instance, as commits number it.
enum class InstanceOp : std::int16_t {
  insert = 1,
  update = 2,
  end = 3,
  update_ended = 4,
  insert_ended = 5,
};
InstanceOp op_of(const ports::InstanceWrite& write);
std::int16_t number_of(ports::CallOp op);
// The call is its session's from now on.
bool takes_lease(const ports::CallWrite& write);
// Joined by unit separators.
std::string joined_roles(const ports::TaskRow& row);
// PostgreSQL has no unsigned numbers.
inline std::int32_t signed_bits(std::uint32_t value) { return static_cast<std::int32_t>(value); }
// Marks have the shard of their own bytes.
inline std::int16_t shard_of_mark(const MarkId& mark) { return mark.bytes[15]; }

// p_n, from 1.
using RowCounts = std::array<std::int32_t, 21>;

struct InstanceColumns {
  Column g{k_int4}, op{k_int2}, shard{k_int2}, id{k_uuid}, old{k_int8}, version{k_int4};
  Column seq{k_int4}, life{k_int2}, state{k_text}, status{k_text}, incident{k_bool};
  Column timer{k_time}, at{k_time}, data{k_text}, rt{k_text}, output{k_text};
  Column root{k_uuid}, parent{k_uuid}, tenant{k_text}, workflow{k_text}, key{k_text};
  Column started{k_time}, input{k_text};

  void add(std::int32_t group, const ports::InstanceWrite& write, RowCounts& counts);
  std::vector<const Column*> all() const;
};

struct HistoryColumns {
  Column g{k_int4}, shard{k_int2}, id{k_uuid}, seq{k_int4}, disposition{k_int2}, at{k_time};
  Column entry{k_text};

  void add(std::int32_t group, const ports::HistoryRow& row, RowCounts& counts);
  std::vector<const Column*> all() const;
};

struct MarkColumns {
  Column g{k_int4}, op{k_int2}, shard{k_int2}, mark{k_uuid}, instance{k_uuid}, seq{k_int4};
  Column disposition{k_int2}, answer{k_text};

  void add(std::int32_t group, const ports::MarkWrite& write, RowCounts& counts);
  void unpark(std::int32_t group, const MarkId& mark, RowCounts& counts);
  std::vector<const Column*> all() const;
};

struct BindingColumns {
  Column n{k_int4}, g{k_int4}, op{k_int2}, shard{k_int2}, id{k_uuid}, tenant{k_text}, slot{k_text};
  Column key{k_text}, live{k_int4}, instance_shard{k_int2}, instance{k_uuid}, gives{k_uuid};
  Column mark_shard{k_int2}, mark{k_uuid};

  void add(std::int32_t position,
           std::int32_t group,
           const FoldedBinding& binding,
           RowCounts& counts);
  std::vector<const Column*> all() const;
};

struct ParkColumns {
  Column g{k_int4}, shard{k_int2}, mark{k_uuid}, expires{k_time}, event{k_text};

  void add(std::int32_t group, const ports::ParkWrite& park, RowCounts& counts);
  std::vector<const Column*> all() const;
};

struct CallColumns {
  Column g{k_int4}, op{k_int2}, shard{k_int2}, instance{k_uuid}, seq{k_int4}, idx{k_int4};
  Column tenant{k_text}, adapter{k_text}, state{k_int2}, owner{k_uuid}, attempt{k_int4};
  Column next{k_time}, decided{k_time}, request{k_text}, error{k_text};
  Column expect_owner{k_uuid}, expect_attempt{k_int4};

  void add(std::int32_t group, const ports::CallWrite& write, RowCounts& counts);
  std::vector<const Column*> all() const;
};

struct OutboxColumns {
  Column g{k_int4}, op{k_int2}, shard{k_int2}, from{k_uuid}, seq{k_int4}, idx{k_int4};
  Column owner{k_uuid}, event{k_text};

  void add(std::int32_t group, const ports::OutboxRow& row, bool done, RowCounts& counts);
  std::vector<const Column*> all() const;
};

// tasks_v1: whose tasks are replaced, and what replaces them.
struct TaskColumns {
  Column d_g{k_int4}, d_shard{k_int2}, d_instance{k_uuid};
  Column g{k_int4}, shard{k_int2}, instance{k_uuid}, seq{k_int4}, idx{k_int4}, tenant{k_text};
  Column workflow{k_text}, key{k_text}, state{k_text}, title{k_text}, queue{k_text};
  Column roles{k_text}, assignee{k_text}, opened{k_time}, claimed{k_time}, due{k_time};
  Column level{k_int4};

  bool empty() const { return d_g.size() == 0; }
  void add(std::int32_t group, const ports::InstanceWrite& write);
  void add(std::int32_t group, const ports::TaskRow& row);
  std::vector<const Column*> owners() const;
  std::vector<const Column*> all() const;
};

struct Columns {
  RowCounts counts{};
  InstanceColumns instances;
  HistoryColumns history;
  MarkColumns marks;
  BindingColumns bindings;
  ParkColumns parks;
  CallColumns calls;
  OutboxColumns outbox;
  TaskColumns tasks;

  // All of the group but its bindings, which come folded.
  void add(std::int32_t position, const ports::Group& group);
};

}  // namespace vozex::postgres

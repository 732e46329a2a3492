// SPDX-License-Identifier: Apache-2.0
//
// Row forms: each kind of write as a row of the composite type that commits take it as
// (migrations/postgres). `group` is the position of its group in the request.
#pragma once

#include <cstdint>

#include "adapters/postgres/fold.h"
#include "adapters/postgres/row_array.h"
#include "engine/ports/store.h"

namespace vozex::postgres {

// instance_v2: a live instance that is inserted, or one that is born ended.
void put_insert(RowArray& rows, std::int32_t group, const ports::InstanceWrite& write);
// start_v4: the same.
void put_start(RowArray& rows, std::int32_t group, const ports::InstanceWrite& write);
// step_v3
void put_step(RowArray& rows, std::int32_t group, const ports::InstanceWrite& write);
// mark_v2: what a parked event is answered at last, and that it is delivered.
void put_answer(RowArray& rows, std::int32_t group, const ports::MarkWrite& write);
void put_delivered(RowArray& rows, std::int32_t group, const MarkId& mark);
// binding_v2; `place` is what answers call it by.
void put_binding(RowArray& rows,
                 std::int32_t place,
                 std::int32_t group,
                 const FoldedBinding& binding,
                 const Bytes16& id);
// call_v4, called_v4, and call_v2 for all other operations on calls.
void put_insert_call(RowArray& rows, std::int32_t group, const ports::CallWrite& write);
void put_end_call(RowArray& rows, std::int32_t group, const ports::CallWrite& write);
void put_call(RowArray& rows, std::int32_t group, const ports::CallWrite& write);
// outbox_v2
void put_message(RowArray& rows, std::int32_t group, std::int16_t op, const ports::OutboxRow& row);
// task_v2
void put_task(RowArray& rows, std::int32_t group, const ports::TaskRow& row);

}  // namespace vozex::postgres

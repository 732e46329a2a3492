// SPDX-License-Identifier: Apache-2.0
//
// Rows that a repair takes away or writes over, as values. The audit log can't forget, so it gets
// an outline: which rows, and nothing that a customer or a workflow wrote. The whole goes to the
// file of whoever repairs. Pure. Tests: tests/unit/runtime/taken_test.cc.
#pragma once

#include <optional>

#include "engine/ports/store.h"
#include "engine/types/value.h"

namespace vozex::runtime {

// RFC 3339; null without.
types::Value time_value(const std::optional<Timestamp>& at);

types::Value outline(const ports::TaskRow& task);
types::Value outline(const ports::CallRow& call);
types::Value outline(const ports::InstanceRow& row);
types::Value whole(const ports::TaskRow& task);
types::Value whole(const ports::CallRow& call);
types::Value whole(const ports::InstanceRow& row);

template <class Rows>
types::Value outlines(const Rows& rows) {
  types::Value::List list;
  for (const auto& row : rows) list.push_back(outline(row));
  return types::Value::list(std::move(list));
}
template <class Rows>
types::Value wholes(const Rows& rows) {
  types::Value::List list;
  for (const auto& row : rows) list.push_back(whole(row));
  return types::Value::list(std::move(list));
}

}  // namespace vozex::runtime

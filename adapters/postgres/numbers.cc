// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/numbers.h"

#include "engine/base/assert.h"

namespace vozex::postgres {

InstanceOp op_of(const ports::InstanceWrite& write) {
  const bool ends = machine::is_ended(write.row.life);
  VOZEX_ASSERT(!write.was_ended || ends);
  if (write.old == 0) return ends ? InstanceOp::insert_ended : InstanceOp::insert;
  if (write.was_ended) return InstanceOp::update_ended;
  return ends ? InstanceOp::end : InstanceOp::update;
}

std::int16_t number_of(ports::CallOp op) {
  switch (op) {
    case ports::CallOp::insert: return 1;
    case ports::CallOp::end: return 2;
    case ports::CallOp::retry: return 3;
    case ports::CallOp::dead: return 4;
    case ports::CallOp::lease: return 5;
    case ports::CallOp::withdraw: return 6;
  }
  return 0;
}

bool takes_lease(const ports::CallWrite& write) {
  return write.op == ports::CallOp::lease ||
         (write.op == ports::CallOp::insert && write.row.state == ports::CallState::leased);
}

std::string joined_roles(const ports::TaskRow& row) {
  std::string joined;
  for (const std::string& role : row.roles) joined += (joined.empty() ? "" : "\x1f") + role;
  return joined;
}

}  // namespace vozex::postgres

// SPDX-License-Identifier: Apache-2.0
//
// What a commit does to the tables, inside a transaction that the caller opened (writer.h): for
// each group in order, judge() reads whether it may be applied, apply() writes it. Judging comes
// before any write of the group, so a group that is left out needs no savepoint. An error means
// that the transaction must be rolled back.
#pragma once

#include <vector>

#include "adapters/sqlite/connection.h"
#include "engine/ports/lane_store.h"

namespace vozex::sqlite {

Result<ports::CommitReply> commit_into(Connection& connection, const ports::CommitRequest& request);

// The parts of it.
Result<ports::GroupVerdict> judge(Connection& connection, const ports::Group& group);
Result<void> apply(Connection& connection, const ports::Group& group, Etag etag, Timestamp now);
Result<void> apply_bindings(Connection& connection, const ports::Group& group);
Result<void> apply_calls(Connection& connection, const ports::Group& group);
Result<void> unpark(Connection& connection, const MarkId& mark);

}  // namespace vozex::sqlite

// SPDX-License-Identifier: Apache-2.0
//
// Batch: a commit request as parameters of commit_v3, one set for each wave (waves.h), or of
// commit_home_v1, one set for each bucket of each wave; and the answers put together again. The
// same request always gives the same batch, so that a receipt can be read against it later. Plain
// value; `request` must outlive it.
#pragma once

#include <cstdint>
#include <vector>

#include "adapters/postgres/fold.h"
#include "adapters/postgres/layout.h"
#include "adapters/postgres/operations.h"
#include "adapters/postgres/rows.h"
#include "engine/ports/store.h"

namespace vozex::postgres {

// The lane that commits, as the table `lanes` knows it.
struct LaneIdentity {
  Bytes16 lane{};
  std::int32_t epoch = 0;
};

// Gives the ids of RowTypes, in the order of its members, element and array.
extern const char* const k_row_types_sql;
Result<RowTypes> read_row_types(const Rows& rows);

class Batch {
 public:
  explicit Batch(const ports::CommitRequest& request, Layout layout = Layout::together);

  // Nothing to send: every verdict is known.
  bool empty() const { return waves_.empty(); }
  // One for each wave, or bucket of one, in order. Careful when an attempt that was not has failed:
  // then the groups that made it fail are named.
  struct Call {
    const char* sql = nullptr;
    Params params;
  };
  std::vector<Call> calls(const LaneIdentity& lane, const RowTypes& types, bool careful) const;

  // From the rows that the calls answered.
  ports::CommitReply reply(const std::vector<Rows>& calls) const;
  // From the receipt (k_receipt_sql), after its etag was found to be the request's. `marks` are
  // those that it names.
  ports::CommitReply reply_of_receipt(const Rows& receipt,
                                      const std::vector<ports::MarkRow>& marks) const;

 private:
  struct Wave {
    Shard home = 0;
    std::vector<std::size_t> groups;
    std::size_t first_binding = 0;  // among bindings_
    std::size_t end_binding = 0;
  };

  Call call_of(const Wave& wave,
               const LaneIdentity& lane,
               const RowTypes& types,
               bool careful,
               bool is_first) const;
  Call home_call(const Wave& wave, Params params) const;
  ports::CommitReply settled() const;
  void add_wave(Shard home, const std::vector<std::size_t>& groups);
  void read_stale(const Rows& row, int bad, int taken, ports::CommitReply& reply) const;

  const ports::CommitRequest& request_;
  const Layout layout_;
  std::vector<Wave> waves_;
  // Of all waves, one after the other: their positions name them in answers.
  std::vector<FoldedBinding> bindings_;
  std::vector<std::size_t> binding_groups_;
  std::vector<std::pair<std::size_t, ports::BindingKey>> taken_twice_;
};

// $1 lane. Its epoch is raised, then: etag and the parts of the answer.
extern const char* const k_receipt_sql;

// The bucket in which most of a group's rows stand: that of its instances, where it has any.
Shard home_of(const ports::Group& group);

}  // namespace vozex::postgres

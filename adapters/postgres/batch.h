// SPDX-License-Identifier: Apache-2.0
//
// Batch: a commit request, folded and cut into waves (waves.h); as parameters of commit_v3, one set
// for each wave; and the answers put together again. home_commit.h sends it where the tables are
// spread. The same request always gives the same batch, so that a receipt can be read against it
// later. Plain value; `request` must outlive it.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "adapters/postgres/fold.h"
#include "adapters/postgres/operations.h"
#include "adapters/postgres/rows.h"
#include "engine/ports/lane_store.h"

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
  explicit Batch(const ports::CommitRequest& request);

  // Nothing to send: every verdict is known.
  bool empty() const { return waves_.empty(); }
  std::size_t waves() const { return waves_.size(); }
  Etag etag() const { return request_.etag; }
  // A request of one group may wait for its rows: it holds nothing that another could wait for.
  bool may_wait() const { return request_.groups.size() == 1; }

  // One for each wave, in order. Careful when an attempt that was not has failed: then the groups
  // that made it fail are named.
  struct Call {
    const char* sql = nullptr;
    Params params;
  };
  std::vector<Call> calls(const LaneIdentity& lane, const RowTypes& types, bool careful) const;

  // Each write of the wave's groups, but of those left out, to the Operations that `at` says for
  // its bucket.
  template <class At>
  void spread(std::size_t wave, const std::set<std::int64_t>& left_out, At&& at) const;
  // Of the wave's groups, but of those left out, with its position.
  template <class Do>
  void each_group(std::size_t wave, const std::set<std::int64_t>& left_out, Do&& act) const;

  // Why groups were not written, by their positions, and the keys on which events wait.
  struct Found {
    std::vector<std::int64_t> bad, dup_group, dup_disposition, taken_group, taken_binding;
    std::vector<Bytes16> dup_mark;
    std::vector<std::string> dup_answer;
    std::set<ports::BindingKey> claims;

    // As commit_v4 and look_v1 answer.
    void add(const Rows& row);
    // Columns of tenants, of slots and of names.
    void add_claims(const Rows& row, int column);
  };
  ports::CommitReply reply(const Found& found) const;
  // From the rows that calls() answered.
  ports::CommitReply reply(const std::vector<Rows>& calls) const;
  // From the receipt (k_receipt_sql), after its etag was found to be the request's. `marks` are
  // those that it names; `found` has what other receipts say of claims.
  ports::CommitReply reply_of_receipt(const Rows& receipt,
                                      const std::vector<ports::MarkRow>& marks,
                                      Found found = {}) const;

 private:
  struct Wave {
    std::vector<std::size_t> groups;
    std::size_t first_binding = 0;  // among bindings_
    std::size_t end_binding = 0;
  };

  void add_wave(const std::vector<std::size_t>& groups);
  void read_stale(const Found& found, ports::CommitReply& reply) const;

  const ports::CommitRequest& request_;
  std::vector<Wave> waves_;
  // Of all waves, one after the other: their positions name them in answers.
  std::vector<FoldedBinding> bindings_;
  std::vector<std::size_t> binding_groups_;
  std::vector<std::pair<std::size_t, ports::BindingKey>> taken_twice_;
};

template <class Do>
void Batch::each_group(std::size_t wave, const std::set<std::int64_t>& left_out, Do&& act) const {
  for (const std::size_t position : waves_[wave].groups) {
    const auto number = static_cast<std::int32_t>(position);
    if (!left_out.contains(number)) act(number, request_.groups[position]);
  }
}

template <class At>
void Batch::spread(std::size_t wave, const std::set<std::int64_t>& left_out, At&& at) const {
  each_group(wave, left_out, [&](std::int32_t position, const ports::Group& group) {
    add_group(position, group, at);
  });
  for (std::size_t i = waves_[wave].first_binding; i < waves_[wave].end_binding; ++i) {
    const auto group = static_cast<std::int32_t>(binding_groups_[i]);
    if (left_out.contains(group)) continue;
    at(shard_of_binding(id_of(bindings_[i].binding)))
        .add(static_cast<std::int32_t>(i), group, bindings_[i]);
  }
}

// $1 lane. Its epoch is raised, then: etag and the parts of the answer.
extern const char* const k_receipt_sql;

}  // namespace vozex::postgres

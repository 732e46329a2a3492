// SPDX-License-Identifier: Apache-2.0
//
// Lane: one connection that loads and commits. A commit is sent as if nobody else wrote its rows;
// where somebody did (an etag that is no longer there, a key taken at the same moment, a deadlock)
// it is repeated here with care, which names the groups that lost, a few times; a lost connection
// during a commit is outcome_unknown, and settle() ends the old server process, raises the lane's
// epoch so that nothing of it can still commit, reads the receipt, and sends the request again only
// when there is none. Thread rule: one thread. Tests: tests/store.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "adapters/postgres/batch.h"
#include "adapters/postgres/connection.h"
#include "adapters/postgres/home_commit.h"
#include "adapters/postgres/layout.h"
#include "engine/ports/lane_store.h"

namespace vozex::postgres {

class Lane final : public ports::LaneStore {
 public:
  // `maintain` makes missing partitions.
  Lane(std::string url, Layout layout, std::function<Result<void>()> maintain);
  ~Lane() override;

  // Connects and registers, so that a wrong URL shows at once.
  Result<void> start();

  Result<ports::LoadReply> load(const ports::LoadRequest& request) override;
  Result<ports::CommitReply> commit(const ports::CommitRequest& request) override;
  Result<ports::CommitReply> settle(const ports::CommitRequest& request) override;

  const Backend& backend() const { return backend_; }

 private:
  Result<void> connect();
  Result<void> enter();
  Result<ports::CommitReply> send(const Batch& batch, bool careful);
  Result<ports::CommitReply> commit_batch(const Batch& batch);
  Result<void> end_old_backend(const Backend& old);
  Failure still_unknown(Error error);
  Result<std::optional<ports::CommitReply>> find_receipt(const Batch& batch, Etag etag);
  // Drops the connection when the failure says that it can't be used any more.
  void look_at(const Error& error);

  const std::string url_;
  const Layout layout_;
  std::function<Result<void>()> maintain_;
  std::unique_ptr<Connection> connection_;
  RowTypes types_;   // of this database
  Homes homes_;      // where the tables are spread
  Backend backend_;  // of the connection, or of the last one
  LaneIdentity identity_;
  bool entered_ = false;
  int careful_left_ = 0;  // so many commits are careful from the start
};

}  // namespace vozex::postgres

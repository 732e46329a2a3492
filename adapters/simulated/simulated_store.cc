// SPDX-License-Identifier: Apache-2.0
#include "adapters/simulated/simulated_store.h"

#include <utility>

#include "engine/base/assert.h"

namespace vozex::simulated {
namespace {

Failure away() { return fail(ErrorClass::unavailable, "store_unavailable", "the store is away"); }

Failure session_dead() {
  return fail(ErrorClass::not_found, "session_dead", "the session is dead: join anew");
}

Failure lost() {
  return fail(ErrorClass::outcome_unknown, "commit_unknown", "the answer to the commit was lost");
}

ports::CommitReply commit_into(Tables& tables, const ports::CommitRequest& request) {
  VOZEX_ASSERT(request.etag != 0);
  ports::CommitReply reply;
  std::set<ports::BindingKey> claims;
  for (const ports::Group& group : request.groups) {
    reply.verdicts.push_back(judge(tables, group));
    if (reply.verdicts.back().verdict == ports::Verdict::committed) {
      apply(tables, group, request.etag, claims);
    }
  }
  reply.claims.assign(claims.begin(), claims.end());
  return reply;
}

}  // namespace

class SimulatedStore::Lane final : public ports::LaneStore {
 public:
  explicit Lane(SimulatedStore& store) : store_(store) {}

  Result<ports::LoadReply> load(const ports::LoadRequest& request) override {
    const std::lock_guard lock(store_.mutex_);
    if (store_.unavailable_) return away();
    return read(store_.tables_, request);
  }

  Result<ports::CommitReply> commit(const ports::CommitRequest& request) override {
    const std::lock_guard lock(store_.mutex_);
    return commit_locked(request);
  }

  Result<ports::CommitReply> settle(const ports::CommitRequest& request) override {
    const std::lock_guard lock(store_.mutex_);
    if (store_.unavailable_) return away();
    if (last_etag_ == request.etag) return last_reply_;
    return commit_locked(request);
  }

 private:
  Result<ports::CommitReply> commit_locked(const ports::CommitRequest& request) {
    if (store_.unavailable_) return away();
    const CommitFault fault = std::exchange(store_.next_commit_, CommitFault::none);
    if (fault == CommitFault::before_applying) return lost();
    last_reply_ = commit_into(store_.tables_, request);
    last_etag_ = request.etag;
    ++store_.commits_;
    if (fault == CommitFault::after_applying) return lost();
    return last_reply_;
  }

  SimulatedStore& store_;
  // The receipt by which settle() knows what it has already done.
  Etag last_etag_ = 0;
  ports::CommitReply last_reply_;
};

Result<std::unique_ptr<ports::LaneStore>> SimulatedStore::open_lane() {
  const std::lock_guard lock(mutex_);
  if (unavailable_) return away();
  return std::make_unique<Lane>(*this);
}

void SimulatedStore::set_now(Timestamp now) {
  const std::lock_guard lock(mutex_);
  clock_ = nullptr;
  now_ = now;
}

void SimulatedStore::advance(Duration by) {
  const std::lock_guard lock(mutex_);
  now_ += by;
}

void SimulatedStore::use_clock(std::function<Timestamp()> clock) {
  const std::lock_guard lock(mutex_);
  clock_ = std::move(clock);
}

void SimulatedStore::fail_next_commit(CommitFault fault) {
  const std::lock_guard lock(mutex_);
  next_commit_ = fault;
}

void SimulatedStore::set_unavailable(bool unavailable) {
  const std::lock_guard lock(mutex_);
  unavailable_ = unavailable;
}

std::uint64_t SimulatedStore::commits() const {
  const std::lock_guard lock(mutex_);
  return commits_;
}

Timestamp SimulatedStore::now_locked() const { return clock_ ? clock_() : now_; }

Result<void> SimulatedStore::put(const std::vector<ports::DefinitionRow>& rows) {
  const std::lock_guard lock(mutex_);
  if (unavailable_) return away();
  auto definitions = tables_.definitions;
  for (const ports::DefinitionRow& row : rows) {
    const auto [found, is_new] = definitions.try_emplace({row.workflow, row.version}, row);
    if (!is_new && found->second.content_hash != row.content_hash) {
      return fail(ErrorClass::conflict,
                  "version_changed",
                  "version " + std::to_string(row.version) + " of " + row.workflow +
                      " is deployed with other content: raise its version");
    }
  }
  tables_.definitions = std::move(definitions);
  return {};
}

Result<std::vector<ports::DefinitionRow>> SimulatedStore::all() {
  const std::lock_guard lock(mutex_);
  if (unavailable_) return away();
  std::vector<ports::DefinitionRow> rows;
  rows.reserve(tables_.definitions.size());
  for (const auto& [key, row] : tables_.definitions) rows.push_back(row);
  return rows;
}

Result<void> SimulatedStore::join(const SessionId& session, const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (unavailable_) return away();
  tables_.sessions.try_emplace(session, Session{name, now_locked(), true});
  return {};
}

Result<ports::Beat> SimulatedStore::beat(const SessionId& session, Duration lease) {
  const std::lock_guard lock(mutex_);
  if (unavailable_) return away();
  if (!is_live(tables_, session)) return session_dead();
  const Timestamp now = now_locked();
  tables_.sessions.at(session).beat_at = now;
  return ports::Beat{now, news_of(tables_, session, now - lease)};
}

Result<void> SimulatedStore::leave(const SessionId& session) {
  const std::lock_guard lock(mutex_);
  if (unavailable_) return away();
  const auto found = tables_.sessions.find(session);
  if (found != tables_.sessions.end()) found->second.live = false;
  return {};
}

Result<ports::SessionStore::Inheritance> SimulatedStore::inherit(const SessionId& heir,
                                                                 Duration lease,
                                                                 std::size_t limit) {
  const std::lock_guard lock(mutex_);
  if (unavailable_) return away();
  if (!is_live(tables_, heir)) return session_dead();
  for (auto& [id, session] : tables_.sessions) {
    if (id != heir && session.beat_at < now_locked() - lease) session.live = false;
  }
  Inheritance inheritance;
  for (auto& [id, row] : tables_.calls) {
    if (inheritance.calls.size() >= limit) break;
    if (row.state != ports::CallState::leased || is_live(tables_, row.owner)) continue;
    row.owner = heir;
    ++row.attempt;
    ++row.losses;
    inheritance.calls.push_back(row);
  }
  for (auto& [key, row] : tables_.outbox) {
    if (inheritance.outbox.size() >= limit) break;
    if (is_live(tables_, row.owner)) continue;
    row.owner = heir;
    inheritance.outbox.push_back(row);
  }
  return inheritance;
}

}  // namespace vozex::simulated

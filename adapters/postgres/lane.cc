// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/lane.h"

#include <chrono>
#include <utility>

#include "adapters/postgres/failure.h"
#include "adapters/postgres/load.h"

namespace vozex::postgres {
namespace {

// A race is lost to somebody who won it, so a few times are enough; what is still racing is told to
// the caller.
constexpr int k_max_tries = 8;
// For locks, in all tries of a commit together; the `lock_timeout` of a careful one.
constexpr std::chrono::seconds k_longest_wait{2};
using Clock = std::chrono::steady_clock;

// After a lost race: where one process was faster, it may be again, and a commit that fails is done
// twice. Few, because care costs a quarter more, and a key that is taken says nothing about others.
constexpr int k_careful_commits = 4;

// How long the old server process may take to end.
constexpr std::int64_t k_termination_ms = 5000;

bool is_fenced(const Error& error) { return sqlstate_of(error) == "VZ002"; }
bool knows_old_homes(const Error& error) { return sqlstate_of(error) == "VZ003"; }

Failure unavailable(Error error) {
  error.kind = ErrorClass::unavailable;
  return Failure(std::move(error));
}

}  // namespace

Lane::Lane(std::string url, Layout layout, std::function<Result<void>()> maintain)
    : url_(std::move(url)), layout_(layout), maintain_(std::move(maintain)) {}

Lane::~Lane() {
  if (connection_ == nullptr || !entered_) return;
  Params params;
  params.bytes(identity_.lane);
  static_cast<void>(connection_->run("DELETE FROM lanes WHERE lane = $1", params));
}

Result<void> Lane::start() {
  if (auto connected = connect(); !connected) return connected;
  return enter();
}

Result<void> Lane::connect() {
  if (connection_ != nullptr && connection_->is_usable()) return {};
  connection_.reset();
  auto opened = Connection::open(url_, lane_profile(layout_));
  if (!opened) return Failure(opened.error());
  auto rows = (*opened)->run(k_row_types_sql);
  if (!rows) return unavailable(rows.error());
  auto types = read_row_types(*rows);
  if (!types) return Failure(types.error());
  types_ = *types;
  if (layout_ == Layout::by_bucket) {
    auto homes = Homes::read(**opened);
    if (!homes) return unavailable(homes.error());
    homes_ = *homes;
  }
  connection_ = std::move(*opened);
  backend_ = connection_->backend();
  return {};
}

// The server makes up the lane's name. A lane whose row was cleared away comes back with a higher
// epoch, which keeps older attempts out.
Result<void> Lane::enter() {
  Params params;
  const bool is_new = identity_.lane == Bytes16{};
  is_new ? params.null(k_uuid) : params.bytes(identity_.lane);
  params.int4(++identity_.epoch);
  auto entered = connection_->run(
      "INSERT INTO lanes(lane, epoch) VALUES(coalesce($1, gen_random_uuid()), $2) "
      "ON CONFLICT (lane) DO UPDATE SET epoch = greatest(lanes.epoch + 1, excluded.epoch) "
      "RETURNING lane, epoch",
      params);
  if (!entered) {
    look_at(entered.error());
    return unavailable(entered.error());
  }
  identity_.lane = entered->bytes(0, 0);
  identity_.epoch = entered->number<std::int32_t>(0, 1);
  entered_ = true;
  return {};
}

void Lane::look_at(const Error& error) {
  if (connection_ == nullptr) return;
  if (error.kind == ErrorClass::outcome_unknown || is_standby(error) || !connection_->is_usable()) {
    connection_.reset();
  }
}

Result<ports::LoadReply> Lane::load(const ports::LoadRequest& request) {
  // Twice, because a connection that died while idle is only noticed by using it.
  for (int tries = 0;; ++tries) {
    if (auto connected = connect(); !connected) return Failure(connected.error());
    auto reply = postgres::load(*connection_, request, layout_);
    if (reply) return reply;
    look_at(reply.error());
    if (connection_ != nullptr || tries > 0) return unavailable(reply.error());
  }
}

Result<ports::CommitReply> Lane::send(const Batch& batch, bool careful) {
  if (layout_ == Layout::by_bucket) {
    return HomeCommit(batch, identity_, types_, homes_).run(*connection_, careful);
  }
  const std::vector<Batch::Call> calls = batch.calls(identity_, types_, careful);
  std::vector<Query> queries;
  queries.reserve(calls.size());
  for (const Batch::Call& call : calls) queries.push_back({call.sql, &call.params});
  auto rows = connection_->run_all(queries);
  if (!rows) return Failure(rows.error());
  return batch.reply(*rows);
}

Result<ports::CommitReply> Lane::commit_batch(const Batch& batch) {
  bool careful = careful_left_ > 0;
  if (careful) --careful_left_;
  const Clock::time_point began = Clock::now();
  for (int tries = 1;; ++tries) {
    if (auto connected = connect(); !connected) return Failure(connected.error());
    if (!entered_) {
      if (auto entered = enter(); !entered) return Failure(entered.error());
    }
    auto reply = send(batch, careful);
    if (reply) return reply;
    const Error& error = reply.error();
    look_at(error);
    if (tries == k_max_tries || connection_ == nullptr) return Failure(error);
    // No race any more: a table is locked, or a process that holds rows stands still. Who sent what
    // is in the batch shall hear of it.
    const bool waited_long = Clock::now() - began >= k_longest_wait;
    if (waited_long && is_lock_timeout(error)) return Failure(error);
    if (knows_old_homes(error)) {
      connection_.reset();
    } else if (is_fenced(error)) {
      entered_ = false;
    } else if (is_missing_partition(error)) {
      if (auto maintained = maintain_(); !maintained) return Failure(maintained.error());
    } else if (is_race(error)) {
      careful = true;
      careful_left_ = k_careful_commits;
    } else {
      return Failure(error);
    }
  }
}

Result<ports::CommitReply> Lane::commit(const ports::CommitRequest& request) {
  const Batch batch(request);
  if (batch.empty()) return batch.reply(Batch::Found());
  return commit_batch(batch);
}

Result<void> Lane::end_old_backend(const Backend& old) {
  Params params;
  params.int4(old.pid).time(old.started).int8(k_termination_ms);
  auto ended = connection_->run(
      "SELECT pg_terminate_backend(pid, $3) FROM pg_stat_activity WHERE pid = $1 AND "
      "backend_start = $2",
      params);
  if (!ended) return Failure(ended.error());
  return {};
}

Result<std::optional<ports::CommitReply>> Lane::find_receipt(const Batch& batch, Etag etag) {
  if (layout_ == Layout::by_bucket) {
    return HomeCommit(batch, identity_, types_, homes_).settle(*connection_, identity_);
  }
  Params params;
  params.bytes(identity_.lane);
  auto receipt = connection_->run(k_receipt_sql, params);
  if (!receipt) return Failure(receipt.error());
  if (receipt->empty()) {
    entered_ = false;
    return std::nullopt;
  }
  identity_.epoch = receipt->number<std::int32_t>(0, 1);
  if (receipt->etag(0, 0) != etag) return std::nullopt;
  ports::LoadRequest named;
  for (const Bytes16& mark : receipt->all_bytes(0, 4)) named.marks.push_back(MarkId{mark});
  auto marks = postgres::load(*connection_, named, layout_);
  if (!marks) return Failure(marks.error());
  return batch.reply_of_receipt(*receipt, marks->marks);
}

// Nothing was found out, so nothing may be repeated but settle() itself.
Failure Lane::still_unknown(Error error) {
  look_at(error);
  error.kind = ErrorClass::outcome_unknown;
  return Failure(std::move(error));
}

Result<ports::CommitReply> Lane::settle(const ports::CommitRequest& request) {
  const Batch batch(request);
  if (batch.empty()) return batch.reply(Batch::Found());
  const Backend old = backend_;
  const bool lost = connection_ == nullptr;
  if (auto connected = connect(); !connected) return still_unknown(connected.error());
  auto ended = lost ? end_old_backend(old) : Result<void>();
  if (!ended) return still_unknown(ended.error());
  auto receipt = find_receipt(batch, request.etag);
  if (!receipt) return still_unknown(receipt.error());
  if (*receipt) return std::move(**receipt);
  return commit_batch(batch);
}

}  // namespace vozex::postgres

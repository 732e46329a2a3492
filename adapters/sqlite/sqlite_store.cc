// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/sqlite_store.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "adapters/sqlite/checkpointer.h"
#include "adapters/sqlite/file_lock.h"
#include "adapters/sqlite/inbox.h"
#include "adapters/sqlite/load.h"
#include "adapters/sqlite/migrate.h"
#include "adapters/sqlite/queries.h"
#include "adapters/sqlite/read_pool.h"
#include "adapters/sqlite/retention.h"
#include "adapters/sqlite/sessions.h"
#include "adapters/sqlite/writer.h"

namespace vozex::sqlite {
namespace {

// The receipt of the last commit is kept here: this process made it, so it knows.
class Lane final : public ports::LaneStore {
 public:
  Lane(Writer& writer, std::unique_ptr<Connection> reader)
      : writer_(writer), reader_(std::move(reader)) {}

  Result<ports::LoadReply> load(const ports::LoadRequest& request) override {
    return sqlite::load(*reader_, request);
  }

  Result<ports::CommitReply> commit(const ports::CommitRequest& request) override {
    auto reply = writer_.commit(request);
    if (reply) {
      last_etag_ = request.etag;
      last_reply_ = *reply;
    }
    return reply;
  }

  Result<ports::CommitReply> settle(const ports::CommitRequest& request) override {
    if (last_etag_ == request.etag) return last_reply_;
    return commit(request);
  }

 private:
  Writer& writer_;
  std::unique_ptr<Connection> reader_;
  Etag last_etag_ = 0;
  ports::CommitReply last_reply_;
};

class StoreImpl final : public SqliteStore,
                        private ports::DefinitionStore,
                        private ports::SessionStore,
                        private ports::WorkStore,
                        private ports::QueryStore,
                        private ports::InboxStore,
                        private ports::RetentionStore {
 public:
  StoreImpl(std::string path,
            std::unique_ptr<FileLock> lock,
            std::unique_ptr<Checkpointer> checkpointer,
            std::unique_ptr<Connection> writer)
      : path_(std::move(path)),
        lock_(std::move(lock)),
        checkpointer_(std::move(checkpointer)),
        writer_(std::move(writer), [this](int pages) { checkpointer_->log_grew(pages); }),
        readers_(path_) {}

  Result<std::unique_ptr<ports::LaneStore>> open_lane() override {
    auto reader = Connection::open(path_, Access::read_only);
    if (!reader) return Failure(reader.error());
    return std::make_unique<Lane>(writer_, std::move(*reader));
  }
  ports::DefinitionStore& definitions() override { return *this; }
  ports::SessionStore& sessions() override { return *this; }
  ports::WorkStore& work() override { return *this; }
  ports::QueryStore& queries() override { return *this; }
  ports::InboxStore& inbox() override { return *this; }
  ports::RetentionStore& retention() override { return *this; }

  Result<void> write(const std::function<Result<void>(Connection&)>& work) override {
    return writer_.write(work);
  }
  Result<void> read(const std::function<Result<void>(Connection&)>& work) override {
    return readers_.read(work);
  }
  Stats stats() const override {
    const Writer::Stats stats = writer_.stats();
    return {stats.transactions, stats.requests, stats.waiting};
  }

 private:
  Result<void> put(const std::vector<ports::DefinitionRow>& rows) override {
    return writer_.write([&](Connection& c) { return sqlite::put(c, rows); });
  }
  Result<std::vector<ports::DefinitionRow>> all() override {
    return readers_.read(all_definitions);
  }

  Result<void> join(const SessionId& session, const std::string& name) override {
    return writer_.write([&](Connection& c) { return sqlite::join(c, session, name); });
  }
  Result<ports::Beat> beat(const SessionId& session, Duration lease) override {
    const auto now = writer_.write([&](Connection& c) { return sqlite::beat(c, session); });
    if (!now) return Failure(now.error());
    auto news = readers_.read([&](Connection& c) { return sqlite::news(c, session, lease); });
    if (!news) return ports::Beat{*now, std::nullopt};
    return ports::Beat{*now, *std::move(news)};
  }
  Result<void> leave(const SessionId& session) override {
    return writer_.write([&](Connection& c) { return sqlite::leave(c, session); });
  }
  Result<Inheritance> inherit(const SessionId& heir, Duration lease, std::size_t limit) override {
    return writer_.write([&](Connection& c) { return sqlite::inherit(c, heir, lease, limit); });
  }

  Result<std::vector<ports::DueTimer>> timers_before(Timestamp horizon,
                                                     const ports::ShardSet& shards,
                                                     std::size_t limit) override {
    return readers_.read(
        [&](Connection& c) { return sqlite::timers_before(c, horizon, shards, limit); });
  }
  Result<std::vector<ports::CallRow>> claim_calls(const SessionId& session,
                                                  const std::string& adapter,
                                                  Timestamp now,
                                                  std::size_t limit) override {
    // An idle poll must not cost an fsync: look first.
    auto waiting = waiting_calls();
    if (!waiting) return Failure(waiting.error());
    const bool any = std::any_of(waiting->begin(), waiting->end(), [&](const auto& calls) {
      return calls.adapter == adapter && calls.next_at <= now;
    });
    if (!any) return std::vector<ports::CallRow>{};
    return writer_.write(
        [&](Connection& c) { return sqlite::claim_calls(c, session, adapter, now, limit); });
  }
  Result<std::vector<ports::WaitingCalls>> waiting_calls() override {
    return readers_.read(sqlite::waiting_calls);
  }
  Result<std::vector<ports::BindingKey>> unclaimed(ports::Holding holding,
                                                   std::size_t limit) override {
    return readers_.read([&](Connection& c) { return sqlite::unclaimed(c, holding, limit); });
  }
  Result<std::vector<ports::TenantCount>> parked_by_tenant() override {
    return readers_.read(sqlite::parked_by_tenant);
  }
  Result<std::size_t> expire_parked(Timestamp now, std::size_t limit) override {
    return writer_.write([&](Connection& c) { return sqlite::expire_parked(c, now, limit); });
  }

  Result<std::optional<ports::InstanceRow>> instance(const InstanceId& id) override {
    return readers_.read([&](Connection& c) { return find_instance(c, id); });
  }
  Result<std::vector<ports::InstanceRow>> instances(const ports::InstanceFilter& filter,
                                                    std::size_t limit) override {
    return readers_.read([&](Connection& c) { return list_instances(c, filter, limit); });
  }
  Result<std::vector<ports::HistoryRow>> history(const InstanceId& id,
                                                 std::uint32_t after_seq,
                                                 std::size_t limit) override {
    return readers_.read([&](Connection& c) { return list_history(c, id, after_seq, limit); });
  }
  Result<std::vector<ports::CallRow>> calls(const ports::CallFilter& filter,
                                            std::size_t limit) override {
    return readers_.read([&](Connection& c) { return list_calls(c, filter, limit); });
  }
  Result<std::vector<ports::StateCount>> counts(const std::string& tenant) override {
    return readers_.read([&](Connection& c) { return count_states(c, tenant); });
  }
  Result<std::uint64_t> parked_count() override { return readers_.read(count_parked); }
  Result<std::vector<ports::TaskRow>> tasks(const ports::TaskFilter& filter,
                                            std::size_t limit) override {
    return readers_.read([&](Connection& c) { return list_tasks(c, filter, limit); });
  }
  Result<std::vector<ports::TaskCount>> task_counts(const std::string& tenant,
                                                    Timestamp now) override {
    return readers_.read([&](Connection& c) { return count_tasks(c, tenant, now); });
  }
  Result<void> ping() override {
    return readers_.read([](Connection& c) -> Result<void> {
      auto row = c.use("SELECT 1 FROM migrations LIMIT 1").step();
      if (!row) return Failure(row.error());
      return {};
    });
  }

  // What changes between the reading of a row and of its history has another etag, and stays.
  Result<std::vector<ports::EndedInstance>> ended_before(Timestamp before,
                                                         std::size_t limit) override {
    return readers_.read([&](Connection& c) { return sqlite::ended_before(c, before, limit); });
  }
  Result<std::size_t> remove(const std::vector<ports::EndedInstance>& instances) override {
    return writer_.write([&](Connection& c) { return sqlite::remove(c, instances); });
  }
  Result<std::size_t> forget_marks(Timestamp before, std::size_t limit) override {
    return writer_.write([&](Connection& c) { return sqlite::forget_marks(c, before, limit); });
  }
  Result<std::size_t> forget_batches(Timestamp before, std::size_t limit) override {
    return writer_.write([&](Connection& c) { return sqlite::forget_batches(c, before, limit); });
  }
  Result<std::size_t> release_months() override { return std::size_t{0}; }
  Result<bool> alone(const std::function<Result<void>()>& work) override {
    if (auto done = work(); !done) return Failure(done.error());
    return true;
  }

  const std::string path_;
  std::unique_ptr<FileLock> lock_;
  std::unique_ptr<Checkpointer> checkpointer_;  // outlives the writer, which wakes it
  Writer writer_;
  ReadPool readers_;
};

}  // namespace

Result<std::unique_ptr<SqliteStore>> open_store(const std::string& url) {
  constexpr std::string_view k_scheme = "sqlite://";
  if (url.substr(0, k_scheme.size()) != k_scheme || url.size() == k_scheme.size()) {
    return fail(ErrorClass::invalid,
                "store_url",
                "the store's URL can't be read; expected sqlite:///path/to/file.db");
  }
  const std::string path = url.substr(k_scheme.size());
  auto lock = FileLock::take(path);
  if (!lock) return Failure(lock.error());
  auto writer = Connection::open(path, Access::read_write);
  if (!writer) return Failure(writer.error());
  if (auto migrated = migrate(**writer); !migrated) return Failure(migrated.error());
  auto checkpointer = Checkpointer::start(path);
  if (!checkpointer) return Failure(checkpointer.error());
  return std::make_unique<StoreImpl>(
      path, std::move(*lock), std::move(*checkpointer), std::move(*writer));
}

}  // namespace vozex::sqlite

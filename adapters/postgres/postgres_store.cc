// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/postgres_store.h"

#include <atomic>
#include <chrono>
#include <utility>

#include "adapters/postgres/distribute.h"
#include "adapters/postgres/inbox.h"
#include "adapters/postgres/lane.h"
#include "adapters/postgres/migrate.h"
#include "adapters/postgres/queries.h"
#include "adapters/postgres/retention.h"
#include "adapters/postgres/sessions.h"

namespace vozex::postgres {
namespace {

constexpr std::size_t k_pool_connections = 4;
constexpr std::size_t k_heartbeat_connections = 1;
constexpr auto k_maintain_every = std::chrono::hours(1);

class StoreImpl final : public PostgresStore,
                        private ports::DefinitionStore,
                        private ports::SessionStore,
                        private ports::WorkStore,
                        private ports::QueryStore,
                        private ports::InboxStore,
                        private ports::RetentionStore {
 public:
  StoreImpl(std::string url, Layout layout)
      : url_(std::move(url)),
        layout_(layout),
        pool_(url_, Profile::query, k_pool_connections),
        heartbeat_(url_, lane_profile(layout), k_heartbeat_connections) {}

  Result<std::unique_ptr<ports::LaneStore>> open_lane() override {
    auto lane = std::make_unique<Lane>(url_, layout_, [this] { return maintain(); });
    if (auto started = lane->start(); !started) return Failure(started.error());
    return lane;
  }
  ports::DefinitionStore& definitions() override { return *this; }
  ports::SessionStore& sessions() override { return *this; }
  ports::WorkStore& work() override { return *this; }
  ports::QueryStore& queries() override { return *this; }
  ports::InboxStore& inbox() override { return *this; }
  ports::RetentionStore& retention() override { return *this; }
  Pool& pool() override { return pool_; }

  Result<void> maintain() override {
    auto maintained = pool_.repeatable(postgres::maintain);
    if (maintained) maintained_at_ = std::chrono::steady_clock::now();
    return maintained;
  }

 private:
  Result<void> put(const std::vector<ports::DefinitionRow>& rows) override {
    return pool_.repeatable([&](Connection& c) { return postgres::put(c, rows); });
  }
  Result<std::vector<ports::DefinitionRow>> all() override {
    return pool_.repeatable(all_definitions);
  }

  Result<void> join(const SessionId& session, const std::string& name) override {
    return heartbeat_.repeatable([&](Connection& c) { return postgres::join(c, session, name); });
  }
  Result<ports::Beat> beat(const SessionId& session, Duration lease) override {
    return heartbeat_.repeatable(
        [&](Connection& c) { return postgres::beat(c, layout_, session, lease); });
  }
  Result<void> leave(const SessionId& session) override {
    return heartbeat_.repeatable([&](Connection& c) { return postgres::leave(c, session); });
  }
  Result<Inheritance> inherit(const SessionId& heir, Duration lease, std::size_t limit) override {
    return postgres::inherit(pool_, layout_, heir, lease, limit);
  }

  Result<std::vector<ports::DueTimer>> timers_before(Timestamp horizon,
                                                     const ports::ShardSet& shards,
                                                     std::size_t limit) override {
    return pool_.repeatable(
        [&](Connection& c) { return postgres::timers_before(c, layout_, horizon, shards, limit); });
  }
  Result<std::vector<ports::CallRow>> claim_calls(const SessionId& session,
                                                  const std::string& adapter,
                                                  Timestamp now,
                                                  std::size_t limit) override {
    return postgres::claim_calls(pool_, layout_, session, adapter, now, limit);
  }
  Result<std::vector<ports::WaitingCalls>> waiting_calls() override {
    return pool_.repeatable([&](Connection& c) { return postgres::waiting_calls(c, layout_); });
  }
  Result<std::vector<ports::BindingKey>> unclaimed(ports::Holding holding,
                                                   std::size_t limit) override {
    return pool_.repeatable([&](Connection& c) { return postgres::unclaimed(c, holding, limit); });
  }
  Result<std::vector<ports::TenantCount>> parked_by_tenant() override {
    return pool_.repeatable(postgres::parked_by_tenant);
  }
  Result<std::size_t> expire_parked(Timestamp now, std::size_t limit) override {
    // The sweeper calls this now and then as long as the process lives, which is when partitions
    // must be made.
    if (std::chrono::steady_clock::now() - maintained_at_.load() > k_maintain_every) {
      if (auto maintained = maintain(); !maintained) return Failure(maintained.error());
    }
    return pool_.repeatable(
        [&](Connection& c) { return postgres::expire_parked(c, layout_, now, limit); });
  }

  Result<std::optional<ports::InstanceRow>> instance(const InstanceId& id) override {
    return pool_.repeatable([&](Connection& c) { return find_instance(c, id); });
  }
  Result<std::vector<ports::InstanceRow>> instances(const ports::InstanceFilter& filter,
                                                    std::size_t limit) override {
    return pool_.repeatable(
        [&](Connection& c) { return list_instances(c, layout_, filter, limit); });
  }
  Result<std::vector<ports::HistoryRow>> history(const InstanceId& id,
                                                 std::uint32_t after_seq,
                                                 std::size_t limit) override {
    return pool_.repeatable([&](Connection& c) { return list_history(c, id, after_seq, limit); });
  }
  Result<std::vector<ports::CallRow>> calls(const ports::CallFilter& filter,
                                            std::size_t limit) override {
    return pool_.repeatable([&](Connection& c) { return list_calls(c, filter, limit); });
  }
  Result<std::vector<ports::StateCount>> counts(const std::string& tenant) override {
    return pool_.repeatable([&](Connection& c) { return count_states(c, tenant); });
  }
  Result<std::uint64_t> parked_count() override { return pool_.repeatable(count_parked); }
  Result<std::vector<ports::TaskRow>> tasks(const ports::TaskFilter& filter,
                                            std::size_t limit) override {
    return pool_.repeatable([&](Connection& c) { return list_tasks(c, filter, limit); });
  }
  Result<std::vector<ports::TaskCount>> task_counts(const std::string& tenant,
                                                    Timestamp now) override {
    return pool_.repeatable([&](Connection& c) { return count_tasks(c, tenant, now); });
  }
  Result<void> ping() override {
    return pool_.repeatable([](Connection& c) -> Result<void> {
      auto row = c.run("SELECT 1");
      if (!row) return Failure(row.error());
      return {};
    });
  }

  Result<std::vector<ports::EndedInstance>> ended_before(Timestamp before,
                                                         std::size_t limit) override {
    return pool_.repeatable(
        [&](Connection& c) { return postgres::ended_before(c, before, limit); });
  }
  Result<std::size_t> remove(const std::vector<ports::EndedInstance>& instances) override {
    return pool_.repeatable([&](Connection& c) { return postgres::remove(c, layout_, instances); });
  }
  Result<std::size_t> forget_marks(Timestamp before, std::size_t) override {
    return pool_.repeatable([&](Connection& c) { return postgres::forget_marks(c, before); });
  }
  Result<std::size_t> forget_batches(Timestamp before, std::size_t limit) override {
    return pool_.repeatable(
        [&](Connection& c) { return postgres::forget_batches(c, layout_, before, limit); });
  }
  Result<std::size_t> release_months() override {
    return pool_.repeatable(postgres::release_months);
  }
  Result<bool> alone(const std::function<Result<void>()>& work) override {
    return postgres::alone(url_, work);
  }

  const std::string url_;
  const Layout layout_;
  Pool pool_;
  Pool heartbeat_;
  std::atomic<std::chrono::steady_clock::time_point> maintained_at_{};
};

}  // namespace

Result<std::unique_ptr<PostgresStore>> open_store(const std::string& url,
                                                  std::optional<Layout> layout) {
  {
    auto setup = Connection::open(url, Profile::setup);
    if (!setup) return Failure(setup.error());
    if (auto migrated = migrate(**setup); !migrated) return Failure(migrated.error());
    if (!layout) {
      auto stands = layout_of(**setup);
      if (!stands) return Failure(stands.error());
      layout = *stands;
    }
  }
  auto store = std::make_unique<StoreImpl>(url, *layout);
  if (auto maintained = store->maintain(); !maintained) return Failure(maintained.error());
  return store;
}

}  // namespace vozex::postgres

// SPDX-License-Identifier: Apache-2.0
#include "tests/store/backend.h"

#include <utility>

#include "adapters/simulated/simulated_batches.h"
#include "adapters/simulated/simulated_store.h"
#include "adapters/sqlite/audit_log.h"
#include "adapters/sqlite/batch_store.h"
#include "adapters/sqlite/sqlite_store.h"
#include "engine/base/assert.h"
#include "tests/store/postgres_database.h"
#include "tests/store/temp_folder.h"

namespace vozex::store_test {
namespace {

class SimulatedBackend final : public Backend {
 public:
  SimulatedBackend() { store_.set_now(now_); }
  ports::Store& store() override { return store_; }
  ports::Store& other_process() override { return store_; }
  ports::BatchStore& batches() override { return batches_; }
  void age_sessions(Duration by) override {
    now_ += by;
    store_.set_now(now_);
  }

 private:
  Timestamp now_{std::chrono::seconds(1'800'000'000)};
  simulated::SimulatedStore store_;
  simulated::SimulatedBatches batches_{[this] { return now_; }};
};

class SqliteBackend final : public Backend {
 public:
  SqliteBackend() {
    auto store = sqlite::open_store("sqlite://" + folder_.file("test.db"));
    VOZEX_ASSERT(store.has_value());
    store_ = std::move(*store);
    batches_ = std::make_unique<sqlite::SqliteBatchStore>(*store_);
    audit_ = std::make_unique<sqlite::SqliteAuditLog>(*store_);
  }
  ports::Store& store() override { return *store_; }
  ports::Store& other_process() override { return *store_; }
  ports::BatchStore& batches() override { return *batches_; }
  ports::AuditLog* audit() override { return audit_.get(); }
  std::string refused(const std::string& sql) override {
    const auto run = store_->write([&](sqlite::Connection& connection) -> Result<void> {
      const auto changes = connection.use(sql).run();
      if (!changes) return Failure(changes.error());
      return {};
    });
    return run ? "" : run.error().message;
  }

  void age_sessions(Duration by) override {
    auto aged = store_->write([&](sqlite::Connection& connection) -> Result<void> {
      auto run =
          connection.use("UPDATE sessions SET beat_at = beat_at - ?1").number(1, by.count()).run();
      if (!run) return Failure(run.error());
      run = connection.use("UPDATE batches SET lease_until = lease_until - ?1")
                .number(1, by.count())
                .run();
      if (!run) return Failure(run.error());
      return {};
    });
    VOZEX_ASSERT(aged.has_value());
  }

 private:
  TempFolder folder_;
  std::unique_ptr<sqlite::SqliteStore> store_;
  std::unique_ptr<sqlite::SqliteBatchStore> batches_;
  std::unique_ptr<sqlite::SqliteAuditLog> audit_;
};

}  // namespace

const char* to_string(Kind kind) {
  switch (kind) {
    case Kind::simulated: return "Simulated";
    case Kind::sqlite: return "Sqlite";
    case Kind::postgres: return "Postgres";
    case Kind::by_bucket: return "PostgresByBucket";
    case Kind::citus: return "Citus";
  }
  return "";
}

const std::vector<Kind>& all_kinds() {
  static const std::vector<Kind> kinds = [] {
    std::vector<Kind> some = {Kind::simulated, Kind::sqlite, Kind::postgres, Kind::by_bucket};
    std::string why;
    if (has_citus(why)) some.push_back(Kind::citus);
    return some;
  }();
  return kinds;
}

std::unique_ptr<Backend> make_backend(Kind kind, std::string& why) {
  switch (kind) {
    case Kind::simulated: return std::make_unique<SimulatedBackend>();
    case Kind::sqlite: return std::make_unique<SqliteBackend>();
    case Kind::postgres: return make_postgres_backend(postgres::Layout::together, why);
    case Kind::by_bucket: return make_postgres_backend(postgres::Layout::by_bucket, why);
    case Kind::citus: return make_citus_backend(why);
  }
  return nullptr;
}

}  // namespace vozex::store_test

// SPDX-License-Identifier: Apache-2.0
#include "tests/store/postgres_database.h"

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <type_traits>
#include <utility>

#include "adapters/postgres/audit_log.h"
#include "adapters/postgres/batch_store.h"
#include "adapters/postgres/postgres_store.h"
#include "engine/base/assert.h"

namespace vozex::store_test {
namespace {

const char* server_url() { return std::getenv("VOZEX_TEST_POSTGRES"); }

template <class Value>
Value or_die(Result<Value> result) {
  if (!result) std::fprintf(stderr, "%s\n", result.error().message.c_str());
  VOZEX_ASSERT(result.has_value());
  if constexpr (!std::is_void_v<Value>) return std::move(*result);
}

void run(const std::string& url, const std::string& script) {
  auto connection = or_die(postgres::Connection::open(url, postgres::Profile::setup));
  or_die(connection->execute(script));
}

// "postgresql://user@host:port/database?options"
std::string with_database(const std::string& url, const std::string& name) {
  const std::size_t authority = url.find("://") + 3;
  const std::size_t options = url.find('?', authority);
  const std::size_t slash = url.find('/', authority);
  const std::string rest = options == std::string::npos ? "" : url.substr(options);
  return url.substr(0, std::min(slash, options)) + "/" + name + rest;
}

class PostgresBackend final : public Backend {
 public:
  PostgresBackend() : store_(open()), batches_(*store_), audit_(*store_) {}
  ports::Store& store() override { return *store_; }
  ports::Store& other_process() override {
    if (other_ == nullptr) other_ = open();
    return *other_;
  }
  ports::BatchStore& batches() override { return batches_; }
  ports::AuditLog* audit() override { return &audit_; }
  std::string refused(const std::string& sql) override {
    auto connection = or_die(postgres::Connection::open(database_.url(), postgres::Profile::setup));
    const auto run = connection->execute(sql);
    return run ? "" : run.error().message;
  }
  void age_sessions(Duration by) override {
    const std::string interval = " - interval '" + std::to_string(by.count()) + " microseconds'";
    database_.execute("UPDATE sessions SET beat_at = beat_at" + interval);
    database_.execute("UPDATE batches SET lease_until = lease_until" + interval);
  }

 private:
  std::unique_ptr<postgres::PostgresStore> open() {
    return or_die(postgres::open_store(database_.url()));
  }

  PostgresDatabase database_;
  std::unique_ptr<postgres::PostgresStore> store_;
  postgres::PostgresBatchStore batches_;
  postgres::PostgresAuditLog audit_;
  std::unique_ptr<postgres::PostgresStore> other_;
};

}  // namespace

bool has_postgres(std::string& why) {
  why = "VOZEX_TEST_POSTGRES is not set: ./dev test sets it to a private server";
  return server_url() != nullptr;
}

PostgresDatabase::PostgresDatabase() {
  static std::atomic<int> count = 0;
  name_ = "vozex_store_" + std::to_string(getpid()) + "_" + std::to_string(++count);
  url_ = with_database(server_url(), name_);
  run(server_url(), "CREATE DATABASE " + name_);
}

PostgresDatabase::~PostgresDatabase() {
  run(server_url(), "DROP DATABASE " + name_ + " WITH (FORCE)");
}

void PostgresDatabase::execute(const std::string& script) const { run(url_, script); }

std::unique_ptr<Backend> make_postgres_backend(std::string& why) {
  if (!has_postgres(why)) return nullptr;
  return std::make_unique<PostgresBackend>();
}

}  // namespace vozex::store_test

// SPDX-License-Identifier: Apache-2.0
#include "tests/store/postgres_database.h"

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <sstream>
#include <type_traits>
#include <utility>

#include "adapters/postgres/audit_log.h"
#include "adapters/postgres/batch_store.h"
#include "adapters/postgres/distribute.h"
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

// Row by row: Citus takes no update that computes a time from a column.
void subtract(const std::string& url,
              const std::string& table,
              const std::string& column,
              Duration by) {
  auto connection = or_die(postgres::Connection::open(url, postgres::Profile::setup));
  const std::string sql = "SELECT format('UPDATE " + table + " SET " + column +
                          " = %L WHERE id = %L', " + column + " - interval '" +
                          std::to_string(by.count()) + " microseconds', id) FROM " + table;
  const auto updates = or_die(connection->run(sql.c_str()));
  for (int i = 0; i < updates.size(); ++i) or_die(connection->execute(updates.text(i, 0)));
}

// "postgresql://user@host:port/database?options"
std::string with_database(const std::string& url, const std::string& name) {
  const std::size_t authority = url.find("://") + 3;
  const std::size_t options = url.find('?', authority);
  const std::size_t slash = url.find('/', authority);
  const std::string rest = options == std::string::npos ? "" : url.substr(options);
  return url.substr(0, std::min(slash, options)) + "/" + name + rest;
}

std::vector<std::string> words_of(const char* text) {
  std::istringstream stream(text == nullptr ? "" : text);
  return {std::istream_iterator<std::string>(stream), {}};
}

// "host', port" of a URL, as arguments.
std::string place_of(const std::string& url) {
  const std::size_t host = url.find('@') + 1;
  const std::size_t colon = url.find(':', host);
  const std::size_t end = url.find('/', colon);
  return "'" + url.substr(host, colon - host) + "', " + url.substr(colon + 1, end - colon - 1);
}

std::string next_name() {
  static std::atomic<int> count = 0;
  return "vozex_store_" + std::to_string(getpid()) + "_" + std::to_string(++count);
}

template <class Database>
class PostgresBackend final : public Backend {
 public:
  explicit PostgresBackend(std::optional<postgres::Layout> layout)
      : layout_(layout), store_(open()), batches_(*store_), audit_(store_->pool()) {}
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
    subtract(database_.url(), "sessions", "beat_at", by);
    subtract(database_.url(), "batches", "lease_until", by);
  }

 private:
  std::unique_ptr<postgres::PostgresStore> open() {
    return or_die(postgres::open_store(database_.url(), layout_));
  }

  const std::optional<postgres::Layout> layout_;
  Database database_;
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
  name_ = next_name();
  url_ = with_database(server_url(), name_);
  run(server_url(), "CREATE DATABASE " + name_);
}

PostgresDatabase::~PostgresDatabase() {
  run(server_url(), "DROP DATABASE " + name_ + " WITH (FORCE)");
}

void PostgresDatabase::execute(const std::string& script) const { run(url_, script); }

std::unique_ptr<Backend> make_postgres_backend(postgres::Layout layout, std::string& why) {
  if (!has_postgres(why)) return nullptr;
  return std::make_unique<PostgresBackend<PostgresDatabase>>(layout);
}

bool has_citus(std::string& why) {
  why = "VOZEX_TEST_CITUS is not set: give it the URLs of a Citus coordinator and its workers";
  return !words_of(std::getenv("VOZEX_TEST_CITUS")).empty();
}

CitusDatabase::CitusDatabase()
    : name_(next_name()), servers_(words_of(std::getenv("VOZEX_TEST_CITUS"))) {
  for (const std::string& server : servers_) {
    run(server, "CREATE DATABASE " + name_);
    urls_.push_back(with_database(server, name_));
    run(urls_.back(), "CREATE EXTENSION citus");
  }
  run(url(), "SELECT citus_set_coordinator_host(" + place_of(url()) + ")");
  for (std::size_t i = 1; i < urls_.size(); ++i) {
    run(url(), "SELECT citus_add_node(" + place_of(urls_[i]) + ")");
  }
}

namespace {

// The maintenance daemon of Citus may come in while it is thrown out.
void drop(const std::string& server, const std::string& name) {
  const std::string sql = "DROP DATABASE " + name + " WITH (FORCE)";
  auto connection = or_die(postgres::Connection::open(server, postgres::Profile::setup));
  for (int tries = 0; tries < 20; ++tries) {
    if (connection->execute(sql)) return;
  }
  or_die(connection->execute(sql));
}

}  // namespace

CitusDatabase::~CitusDatabase() {
  for (const std::string& server : servers_) drop(server, name_);
}

void CitusDatabase::spread() const {
  {
    or_die(postgres::open_store(url()));
  }
  auto connection = or_die(postgres::Connection::open(url(), postgres::Profile::setup));
  or_die(postgres::distribute(*connection));
}

namespace {

struct SpreadDatabase : CitusDatabase {
  SpreadDatabase() { spread(); }
};

}  // namespace

std::unique_ptr<Backend> make_citus_backend(std::string& why) {
  if (!has_citus(why)) return nullptr;
  return std::make_unique<PostgresBackend<SpreadDatabase>>(std::nullopt);
}

}  // namespace vozex::store_test

// SPDX-License-Identifier: Apache-2.0
//
// A store beside the engine's (licences, the catalogue) on a database of its own, made empty for
// each test and dropped with it. PostgreSQL: VOZEX_TEST_POSTGRES names a server on which databases
// may be made; `missing()` says when there is none.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "adapters/postgres/connection.h"
#include "adapters/postgres/migrate.h"
#include "adapters/sqlite/sqlite_store.h"
#include "engine/base/assert.h"

namespace vozex::test {

// `Store` is made of a SqliteStore&.
template <class Store>
class OnSqlite {
 public:
  OnSqlite() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "vozex_side_store.XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    auto opened = sqlite::open_store("sqlite://" + (folder_ / "store.db").string());
    VOZEX_ASSERT(opened.has_value());
    database_ = *std::move(opened);
    store_ = std::make_unique<Store>(*database_);
  }
  ~OnSqlite() {
    store_.reset();
    database_.reset();
    std::filesystem::remove_all(folder_);
  }
  Store& store() { return *store_; }

 private:
  std::filesystem::path folder_;
  std::unique_ptr<sqlite::SqliteStore> database_;
  std::unique_ptr<Store> store_;
};

// `Store` is made of a URL.
template <class Store>
class OnPostgres {
 public:
  OnPostgres() {
    const char* server = std::getenv("VOZEX_TEST_POSTGRES");
    if (server == nullptr) return;
    server_ = server;
    static int count = 0;
    name_ = "vozex_side_" + std::to_string(::getpid()) + "_" + std::to_string(++count);
    execute("CREATE DATABASE " + name_);
    const auto end = server_.find('?');
    const auto slash = server_.find('/', server_.find("://") + 3);
    const std::string url = server_.substr(0, std::min(slash, end)) + "/" + name_ +
                            (end == std::string::npos ? "" : server_.substr(end));
    auto connection = postgres::Connection::open(url, postgres::Profile::setup);
    VOZEX_ASSERT(connection.has_value());
    const auto migrated = postgres::migrate(**connection);
    VOZEX_ASSERT(migrated.has_value());
    store_ = std::make_unique<Store>(url);
  }
  ~OnPostgres() {
    if (!store_) return;
    store_.reset();
    execute("DROP DATABASE " + name_ + " WITH (FORCE)");
  }
  std::string missing() const {
    return store_ ? "" : "set VOZEX_TEST_POSTGRES to the URL of a server";
  }
  Store& store() { return *store_; }

 private:
  void execute(const std::string& script) const {
    auto connection = postgres::Connection::open(server_, postgres::Profile::setup);
    VOZEX_ASSERT(connection.has_value());
    const auto done = (*connection)->execute(script);
    VOZEX_ASSERT(done.has_value());
  }

  std::string server_;
  std::string name_;
  std::unique_ptr<Store> store_;
};

}  // namespace vozex::test

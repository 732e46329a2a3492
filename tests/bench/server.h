// SPDX-License-Identifier: Apache-2.0
//
// A real `vozex serve` beside the benchmark: a place (folder, empty database, workflow files) and
// the server on it, which may be started again on the same place. Thread rule: one thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/child.h"
#include "tests/bench/load_client.h"
#include "tests/bench/sections.h"

namespace vozex::bench {

inline constexpr const char* k_key = "bench-key-that-is-long-enough";

// "postgres", where there is a cluster; then "sqlite". Only the one that was asked for.
std::vector<std::string> stores(const Settings& settings);

class Place {
 public:
  // `workflows`: texts by file name. The database of `store` is new and goes with this object.
  Place(const Settings& settings,
        const std::string& store,
        const std::map<std::string, std::string>& workflows);
  ~Place();
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  const std::string& url() const { return url_; }
  std::string operator/(const std::string& name) const { return folder_ / name; }
  // One value of the database's own statistics; of PostgreSQL only.
  double ask_database(const std::string& sql) const;
  bool on_postgres() const { return on_postgres_; }
  const Settings& settings() const { return settings_; }
  // Processor time of the database's processes that serve this place; 0 where they can't be seen.
  double database_cpu_seconds() const;

 private:
  const Settings& settings_;
  bool on_postgres_;
  Folder folder_;
  std::string url_;
};

class Server {
 public:
  explicit Server(const Place& place);

  // Waits until it is; false when it ends or takes half a minute.
  bool is_ready();
  double ready_seconds() const { return ready_seconds_; }  // from its start to that answer
  int port() const { return port_; }
  double cpu_seconds() const { return child_->cpu_seconds(); }
  double memory_mb() const;  // resident, now
  std::string log() const { return read_file(log_); }

  // -1 when there is none.
  double metric(const std::string& name) const;
  std::string metrics() const;
  // Until it has at least this value; false when it takes longer than `seconds`.
  bool wait_for(const std::string& name, double wanted, double seconds = 60) const;
  // The body with its head; an assertion when it can't be asked.
  std::string get(const std::string& path) const;

 private:
  std::string log_;
  int port_;
  double begin_;
  double ready_seconds_ = 0;
  std::unique_ptr<Child> child_;
};

}  // namespace vozex::bench

// SPDX-License-Identifier: Apache-2.0
//
// The sections of `./dev bench`. Each measures one kind of thing and adds its numbers to the
// report; what they are set against is in docs/performance.md.
#pragma once

#include <string>

#include "tests/bench/report.h"

namespace vozex::bench {

struct Settings {
  bool quick = false;
  std::string postgres;         // URL of the cluster to measure on; "" when there is none
  std::string postgres_bin;     // where pgbench and pg_test_fsync are
  std::string postgres_folder;  // on the disk of the cluster
  std::string self;             // this program
  std::string server = VOZEX_BINARY;
  std::string store;        // only this one; "": all
  std::size_t clients = 0;  // lifecycles: only the rate of so many; 0: all

  double seconds() const { return quick ? 2 : 8; }
};

// floors.cc: what the machine can do without us: fsync, pgbench, HTTP.
void measure_floors(const Settings& settings, Report& report);
// memory.cc: steps, expressions; best of three, by processor time.
void measure_memory(const Settings& settings, Report& report);
// memory.cc: the rows of orders through commit_v4 with no engine.
void measure_commit_floor(const Settings& settings, Report& report);
// tools.cc: validate and test over a thousand files and scenarios, as processes.
void measure_tools(const Settings& settings, Report& report);
// lifecycles.cc: whole lifecycles over HTTP against a real server.
void measure_lifecycles(const Settings& settings, Report& report);
// lifecycles.cc: how long one client waits from its event to the end of the lifecycle.
void measure_completions(const Settings& settings, Report& report);
// hot.cc: events for one and the same instance.
void measure_hot(const Settings& settings, Report& report);
// fanout.cc: parents of many children.
void measure_fanout(const Settings& settings, Report& report);
// waiting.cc: timers and instances that wait in great number.
void measure_waiting(const Settings& settings, Report& report);

// The URL of another database of the same server.
std::string with_database(const std::string& url, const std::string& name);
// Runs SQL on the server through psql; aborts when it fails.
void run_sql(const Settings& settings, const std::string& url, const std::string& sql);

}  // namespace vozex::bench

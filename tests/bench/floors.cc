// SPDX-License-Identifier: Apache-2.0
//
// The yardsticks. An order is three transactions of one row of about 300 bytes and one row of
// history: it is made, changed, changed. `single` is the second of them alone; `order3` is all
// three; `order3x50` is the same for fifty orders at once, with statements over many rows.
#include <fmt/format.h>

#include <cstdlib>
#include <thread>

#include "engine/base/assert.h"
#include "tests/bench/child.h"
#include "tests/bench/load_client.h"
#include "tests/bench/sections.h"

namespace vozex::bench {
namespace {

constexpr const char* k_database = "vozex_bench_floor";

constexpr const char* k_tables = R"sql(
CREATE TABLE orders (id bigint PRIMARY KEY, seq int NOT NULL, doc text NOT NULL)
  WITH (fillfactor = 80);
CREATE TABLE history (id bigint NOT NULL, seq int NOT NULL, entry text NOT NULL,
  PRIMARY KEY (id, seq));
INSERT INTO orders SELECT n, 0, repeat('x', 300) FROM generate_series(1, 100000) n;
ANALYZE orders;
)sql";

constexpr const char* k_single = R"sql(\set id random(1, 100000)
\set seq random(1, 2000000000)
BEGIN;
UPDATE orders SET seq = :seq, doc = repeat('y', 300) WHERE id = :id;
INSERT INTO history (id, seq, entry) VALUES (:id, :seq, repeat('h', 250));
COMMIT;
)sql";

constexpr const char* k_order3 = R"sql(\set id random(1000000, 4000000000000000)
BEGIN;
INSERT INTO orders (id, seq, doc) VALUES (:id, 1, repeat('a', 300));
INSERT INTO history (id, seq, entry) VALUES (:id, 1, repeat('h', 250));
COMMIT;
BEGIN;
UPDATE orders SET seq = 2, doc = repeat('b', 300) WHERE id = :id;
INSERT INTO history (id, seq, entry) VALUES (:id, 2, repeat('h', 250));
COMMIT;
BEGIN;
UPDATE orders SET seq = 3, doc = repeat('c', 300) WHERE id = :id;
INSERT INTO history (id, seq, entry) VALUES (:id, 3, repeat('h', 250));
COMMIT;
)sql";

constexpr const char* k_order3x50 = R"sql(\set base random(1000000, 80000000000000) * 50
BEGIN;
INSERT INTO orders (id, seq, doc)
  SELECT :base::bigint + n, 1, repeat('a', 300) FROM generate_series(0, 49) n;
INSERT INTO history (id, seq, entry)
  SELECT :base::bigint + n, 1, repeat('h', 250) FROM generate_series(0, 49) n;
COMMIT;
BEGIN;
UPDATE orders SET seq = 2, doc = repeat('b', 300) WHERE id BETWEEN :base::bigint AND :base::bigint + 49;
INSERT INTO history (id, seq, entry)
  SELECT :base::bigint + n, 2, repeat('h', 250) FROM generate_series(0, 49) n;
COMMIT;
BEGIN;
UPDATE orders SET seq = 3, doc = repeat('c', 300) WHERE id BETWEEN :base::bigint AND :base::bigint + 49;
INSERT INTO history (id, seq, entry)
  SELECT :base::bigint + n, 3, repeat('h', 250) FROM generate_series(0, 49) n;
COMMIT;
)sql";

// The number that stands before or behind a mark in a program's output; 0 when it isn't there.
double number_after(const std::string& text, const std::string& mark) {
  const std::size_t at = text.find(mark);
  return at == std::string::npos ? 0 : std::strtod(text.c_str() + at + mark.size(), nullptr);
}

void measure_fsync(const Settings& settings, Report& report) {
  const std::string file = settings.postgres_folder + "/bench-fsync";
  write_file(file, "");
  const Finished test = run_to_end(
      {settings.postgres_bin + "/pg_test_fsync", "-s", settings.quick ? "1" : "2", "-f", file});
  run_to_end({"rm", "-f", file});
  const double rate = number_after(test.output, "\n        fdatasync");
  if (rate <= 0) return report.skip("floor.fsync", "pg_test_fsync says: " + test.output);
  report.add("floor.fsync", 1000 / rate, "ms");
}

// Transactions per second of one script.
double pgbench(const Settings& settings,
               const Folder& folder,
               const std::string& script,
               int clients) {
  const std::string file = folder / "script.sql";
  write_file(file, script);
  const Finished run = run_to_end({settings.postgres_bin + "/pgbench",
                                   "-n",
                                   "-M",
                                   "prepared",
                                   "-c",
                                   std::to_string(clients),
                                   "-j",
                                   clients > 1 ? "2" : "1",
                                   "-T",
                                   std::to_string(static_cast<int>(settings.seconds())),
                                   "-f",
                                   file,
                                   with_database(settings.postgres, k_database)});
  const double rate = number_after(run.output, "tps = ");
  if (rate <= 0) fmt::print(stderr, "{}\n", run.output);
  return rate;
}

void measure_transactions(const Settings& settings, Report& report) {
  const std::string database = k_database;
  run_sql(settings, settings.postgres, "DROP DATABASE IF EXISTS " + database + " WITH (FORCE)");
  run_sql(settings, settings.postgres, "CREATE DATABASE " + database);
  run_sql(settings, with_database(settings.postgres, database), k_tables);
  const Folder folder;
  const double alone = pgbench(settings, folder, k_single, 1);
  report.add("floor.single.c1", alone, "/s");
  report.add("floor.single.ms", alone > 0 ? 1000 / alone : 0, "ms");
  report.add("floor.single.c16", pgbench(settings, folder, k_single, 16), "/s");
  report.add("floor.order3", pgbench(settings, folder, k_order3, 16), "/s");
  report.add("floor.order3x50", 50 * pgbench(settings, folder, k_order3x50, 4), "/s");
  run_sql(settings, settings.postgres, "DROP DATABASE " + database + " WITH (FORCE)");
}

std::string nginx_settings(const std::string& folder, int port) {
  return fmt::format(R"(daemon off;
worker_processes 1;
pid {0}/nginx.pid;
error_log {0}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  keepalive_requests 100000000;
  client_body_temp_path {0}; proxy_temp_path {0}; fastcgi_temp_path {0};
  uwsgi_temp_path {0}; scgi_temp_path {0};
  server {{
    listen 127.0.0.1:{1};
    location / {{ default_type application/json; return 200 '{{"ok":true}}'; }}
  }}
}}
)",
                     folder,
                     port);
}

double requests_per_second(int port, int connections, double seconds) {
  const Finished run = run_to_end({"wrk",
                                   "-t1",
                                   "-c" + std::to_string(connections),
                                   fmt::format("-d{:.0f}s", seconds),
                                   fmt::format("http://127.0.0.1:{}/", port)});
  return number_after(run.output, "Requests/sec:");
}

void measure_http(const Settings& settings, Report& report) {
  if (run_to_end({"sh", "-c", "command -v nginx wrk"}).code != 0)
    return report.skip("floor.http", "nginx or wrk is not installed");
  const Folder folder;
  const int port = free_port();
  write_file(folder / "nginx.conf", nginx_settings(folder.path(), port));
  Child nginx({"nginx", "-p", folder.path(), "-c", folder / "nginx.conf"}, folder / "nginx.log");
  for (int i = 0; i < 100 && requests_per_second(port, 1, 1) <= 0; ++i) {
    if (!nginx.alive())
      return report.skip("floor.http", "nginx ended: " + read_file(folder / "nginx.log"));
  }
  const double alone = requests_per_second(port, 1, settings.seconds());
  report.add("floor.http.c1", alone, "/s");
  report.add("floor.http.ms", alone > 0 ? 1000 / alone : 0, "ms");
  report.add("floor.http.c64", requests_per_second(port, 64, settings.seconds()), "/s");
}

}  // namespace

std::string with_database(const std::string& url, const std::string& name) {
  const std::size_t question = url.find('?');
  const std::size_t slash = url.rfind('/', question);
  return url.substr(0, slash + 1) + name +
         (question == std::string::npos ? "" : url.substr(question));
}

void run_sql(const Settings& settings, const std::string& url, const std::string& sql) {
  const Finished run =
      run_to_end({settings.postgres_bin + "/psql", "-q", "-v", "ON_ERROR_STOP=1", url, "-c", sql});
  if (run.code != 0) fmt::print(stderr, "{}\n", run.output);
  VOZEX_ASSERT(run.code == 0);
}

void measure_floors(const Settings& settings, Report& report) {
  if (settings.postgres.empty()) {
    report.skip("floor.postgres", "VOZEX_TEST_POSTGRES is not set");
  } else {
    measure_fsync(settings, report);
    measure_transactions(settings, report);
  }
  measure_http(settings, report);
}

}  // namespace vozex::bench

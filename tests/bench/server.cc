// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/server.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <thread>

#include "engine/base/assert.h"

namespace vozex::bench {
namespace {

constexpr const char* k_database = "vozex_bench_life";

bool is_listening(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int failed = ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address);
  ::close(socket);
  return failed == 0;
}

}  // namespace

std::vector<std::string> stores(const Settings& settings) {
  std::vector<std::string> all;
  for (const std::string& store : {std::string("postgres"), std::string("sqlite")}) {
    if (store == "postgres" && settings.postgres.empty()) continue;
    if (settings.store.empty() || settings.store == store) all.push_back(store);
  }
  return all;
}

Place::Place(const Settings& settings,
             const std::string& store,
             const std::map<std::string, std::string>& workflows)
    : settings_(settings), on_postgres_(store == "postgres") {
  for (const auto& [name, text] : workflows) write_file(folder_ / ("workflows/" + name), text);
  if (!on_postgres_) {
    url_ = "sqlite://" + (folder_ / "vozex.db");
    return;
  }
  const std::string database = k_database;
  run_sql(settings, settings.postgres, "DROP DATABASE IF EXISTS " + database + " WITH (FORCE)");
  run_sql(settings, settings.postgres, "CREATE DATABASE " + database);
  url_ = with_database(settings.postgres, database);
}

Place::~Place() {
  if (!on_postgres_) return;
  run_sql(settings_,
          settings_.postgres,
          "DROP DATABASE IF EXISTS " + std::string(k_database) + " WITH (FORCE)");
}

double Place::ask_database(const std::string& sql) const {
  const Finished run = run_to_end(
      {settings_.postgres_bin + "/psql", "-qAt", "-v", "ON_ERROR_STOP=1", url_, "-c", sql});
  if (run.code != 0) fmt::print(stderr, "{}\n", run.output);
  VOZEX_ASSERT(run.code == 0);
  return std::strtod(run.output.c_str(), nullptr);
}

double Place::database_cpu_seconds() const {
  if (!on_postgres_) return 0;
  // Fields 14 and 15 of proc(5), in ticks; the name of the process may hold spaces.
  return ask_database(
             "SELECT CASE WHEN has_function_privilege('pg_read_file(text, bigint, bigint, "
             "boolean)', 'execute') THEN (SELECT coalesce(sum(split_part(stat, ' ', 12)::float8 + "
             "split_part(stat, ' ', 13)::float8), 0) FROM (SELECT regexp_replace(pg_read_file("
             "'/proc/' || pid || '/stat', 0, 4096, true), '^.*[)] ', '') AS stat FROM "
             "pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()) p) "
             "ELSE 0 END") /
         static_cast<double>(sysconf(_SC_CLK_TCK));
}

Server::Server(const Place& place)
    : log_(place / "server.log"), port_(free_port()), begin_(now_seconds()) {
  const std::vector<std::string> command = {place.settings().server,
                                            "serve",
                                            "--listen",
                                            "127.0.0.1:" + std::to_string(port_),
                                            "--store",
                                            place.url(),
                                            "--workflows",
                                            place / "workflows",
                                            "--state",
                                            place / "state",
                                            "--log",
                                            "json",
                                            "--api-key",
                                            "bench=env:BENCH_KEY",
                                            "--dodo-key",
                                            "env:BENCH_KEY",
                                            "--dodo-webhook-secret",
                                            "env:BENCH_SECRET"};
  child_ = std::make_unique<Child>(
      command,
      log_,
      Environment{{"BENCH_KEY", k_key}, {"BENCH_SECRET", "whsec_c2VjcmV0IG9mIHRoZSBiZW5jaA=="}});
}

bool Server::is_ready() {
  while (now_seconds() - begin_ < 30 && child_->alive()) {
    if (is_listening(port_) && get("/readyz").rfind("HTTP/1.1 200", 0) == 0) {
      ready_seconds_ = now_seconds() - begin_;
      return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

double Server::memory_mb() const {
  const std::string status = read_file("/proc/" + std::to_string(child_->id()) + "/status");
  const std::size_t at = status.find("VmRSS:");
  VOZEX_ASSERT(at != std::string::npos);
  return std::strtod(status.c_str() + at + 6, nullptr) / 1024;
}

std::string Server::get(const std::string& path) const {
  bool asked = false;
  std::string body;
  run_load(port_, 1, [&](std::size_t, std::string_view answer, std::string& request) {
    body = answer;
    if (!asked) request = get_request(path, k_key);
    asked = true;
  });
  return body;
}

std::string Server::metrics() const { return get("/metrics"); }

double Server::metric(const std::string& name) const {
  const std::string text = metrics();
  const std::size_t at = text.find("\n" + name + " ");
  if (at == std::string::npos) return -1;
  return std::strtod(text.c_str() + at + 1 + name.size(), nullptr);
}

bool Server::wait_for(const std::string& name, double wanted, double seconds) const {
  const double until = now_seconds() + seconds;
  while (metric(name) < wanted) {
    if (now_seconds() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

}  // namespace vozex::bench

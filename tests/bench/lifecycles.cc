// SPDX-License-Identifier: Apache-2.0
//
// Whole lifecycles over HTTP against a real `vozex serve` on an empty database, on the same cores
// as the client. One lifecycle: it is started, an event comes (its guard holds, data is set), a
// durable call goes out and ends, and it is complete. The call is answered by an adapter in the
// process without a network, so that what is measured is the engine and its store. Each client
// waits for its answers, which come after the commits; the rate counts lifecycles that are over.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <thread>

#include "tests/bench/child.h"
#include "tests/bench/load_client.h"
#include "tests/bench/sections.h"

namespace vozex::bench {
namespace {

constexpr const char* k_workflow = R"(vozex: 1
workflow: bench_order
version: 1
key: input.order_id
import: []
types:
  paid: {order_id: string, amount: int, reference: string}
input: {order_id: string, amount: int, note: string}
output: {paid: int}
data:
  paid: {type: int, default: 0}
  reference: optional<string>
events:
  bench.paid: {data: paid, match: event.data.order_id}
initial: open
states:
  open:
    on:
      bench.paid:
        when: event.data.amount == input.amount
        target: working
        set: {paid: "${event.data.amount}", reference: "${event.data.reference}"}
    after: {24h: {target: expired}}
  working:
    invoke:
      call: payments.get
      with: {gateway: bench, payment_id: "${input.order_id}"}
      on_done: {target: complete}
      on_error: {target: complete}
  expired: {type: final, outcome: failed, error: {code: expired}}
  complete: {type: final, output: {paid: "${data.paid}"}}
)";

constexpr const char* k_key = "bench-key-that-is-long-enough";
constexpr int k_steps_per_lifecycle = 3;  // start, event, end of the call

std::string start_body(const std::string& id) {
  return fmt::format(
      R"({{"workflow":"bench_order","input":{{"order_id":"{}","amount":4900,"note":"{}"}}}})",
      id,
      std::string(200, 'n'));
}

std::string event_body(const std::string& id) {
  return fmt::format(R"({{"specversion":"1.0","id":"e-{0}","source":"bench","type":"bench.paid",)"
                     R"("data":{{"order_id":"{0}","amount":4900,"reference":"{1}"}}}})",
                     id,
                     std::string(160, 'r'));
}

class Server {
 public:
  Server(const Settings& settings, const std::string& store) : port_(free_port()) {
    write_file(folder_ / "workflows/bench_order.yaml", k_workflow);
    write_file(folder_ / "workflows/payments.yaml",
               read_file(VOZEX_SOURCE_DIR "/workflows/adapters/payments.yaml"));
    const std::string url =
        store == "sqlite" ? "sqlite://" + (folder_ / "vozex.db") : open(settings);
    child_ = std::make_unique<Child>(
        std::vector<std::string>{VOZEX_BINARY,
                                 "serve",
                                 "--listen",
                                 "127.0.0.1:" + std::to_string(port_),
                                 "--store",
                                 url,
                                 "--workflows",
                                 folder_ / "workflows",
                                 "--state",
                                 folder_ / "state",
                                 "--log",
                                 "json",
                                 "--api-key",
                                 "bench=env:BENCH_KEY",
                                 "--dodo-key",
                                 "env:BENCH_KEY",
                                 "--dodo-webhook-secret",
                                 "env:BENCH_SECRET"},
        folder_ / "server.log",
        Environment{{"BENCH_KEY", k_key}, {"BENCH_SECRET", "whsec_c2VjcmV0IG9mIHRoZSBiZW5jaA=="}});
  }

  bool is_ready() {
    for (int i = 0; i < 300 && child_->alive(); ++i) {
      const LoadResult answer = is_listening() ? ask("/readyz") : LoadResult{};
      if (answer.milliseconds.size() == 1 && answer.failed == 0) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return false;
  }
  int port() const { return port_; }
  double cpu_seconds() const { return child_->cpu_seconds(); }
  std::string log() const { return read_file(folder_ / "server.log"); }

  // Until so many steps are committed; false when it takes longer than a minute.
  bool wait_for_steps(double wanted) {
    for (int i = 0; i < 6000; ++i) {
      if (metric("vozex_steps_total") >= wanted) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }
  double metric(const std::string& name) {
    const Finished answer =
        run_to_end({"curl", "-s", fmt::format("http://127.0.0.1:{}/metrics", port_)});
    const std::size_t at = answer.output.find("\n" + name + " ");
    if (at == std::string::npos) return -1;
    return std::strtod(answer.output.c_str() + at + 1 + name.size(), nullptr);
  }

 private:
  static std::string open(const Settings& settings) {
    run_sql(settings, settings.postgres, "DROP DATABASE IF EXISTS vozex_bench_life WITH (FORCE)");
    run_sql(settings, settings.postgres, "CREATE DATABASE vozex_bench_life");
    return with_database(settings.postgres, "vozex_bench_life");
  }
  bool is_listening() const {
    return run_to_end(
               {"curl", "-s", "-o", "/dev/null", fmt::format("http://127.0.0.1:{}/healthz", port_)})
               .code == 0;
  }
  LoadResult ask(const std::string& path) const {
    bool asked = false;
    return run_load(port_, 1, [&](std::size_t, const std::string&) {
      if (asked) return std::string();
      asked = true;
      return get_request(path, k_key);
    });
  }

  Folder folder_;
  int port_;
  std::unique_ptr<Child> child_;
};

// Each client starts an instance, sends its event, and goes on to the next, until the time is up.
struct Driver {
  std::string prefix;
  double until = 0;
  bool events = true;
  std::vector<std::uint8_t> half = {};  // started, its event comes next
  std::vector<std::uint64_t> count = {};
  std::uint64_t begun = 0;

  std::string next(std::size_t client) {
    if (half.size() <= client) {
      half.resize(client + 1);
      count.resize(client + 1);
    }
    const auto id = [&] { return fmt::format("{}-{}-{}", prefix, client, count[client]); };
    if (half[client]) {
      half[client] = 0;
      return post_request("/v1/events", k_key, event_body(id()));
    }
    if (now_seconds() >= until) return "";
    ++count[client];
    ++begun;
    half[client] = events ? 1 : 0;
    return post_request("/v1/instances", k_key, start_body(id()));
  }
};

struct Outcome {
  double per_second = 0;
  double server_cpu_us = 0;  // a lifecycle
  LoadResult load;
  bool finished = false;
};

Outcome run_clients(Server& server, Driver driver, std::size_t clients, int steps_each) {
  const double steps_before = server.metric("vozex_steps_total");
  const double cpu_before = server.cpu_seconds();
  const double begin = now_seconds();
  Outcome outcome;
  outcome.load = run_load(server.port(), clients, [&](std::size_t client, const std::string&) {
    return driver.next(client);
  });
  const auto begun = static_cast<double>(driver.begun);
  outcome.finished = server.wait_for_steps(steps_before + steps_each * begun);
  outcome.per_second = begun / (now_seconds() - begin);
  outcome.server_cpu_us = (server.cpu_seconds() - cpu_before) * 1e6 / begun;
  return outcome;
}

bool add_outcome(const std::string& name,
                 Outcome& outcome,
                 const Server& server,
                 std::optional<Goal> goal,
                 Report& report) {
  if (outcome.load.failed > 0 || !outcome.finished) {
    report.skip(name,
                fmt::format("{} requests failed, first: {}\nserver: {}",
                            outcome.load.failed,
                            outcome.load.first_failure,
                            server.log().substr(0, 2000)));
    return false;
  }
  report.add(name, outcome.per_second, "/s", std::move(goal));
  report.add(name + ".request_p50", percentile(outcome.load.milliseconds, 0.5), "ms");
  report.add(name + ".request_p99", percentile(outcome.load.milliseconds, 0.99), "ms");
  report.add(name + ".server_cpu", outcome.server_cpu_us, "us");
  return true;
}

// From sending the event until an answer says that the instance is over, by one client that asks
// again and again.
void measure_completion(const Settings& settings,
                        Server& server,
                        const std::string& name,
                        Report& report) {
  enum class Stage { start, event, look };
  std::vector<double> times;
  const std::size_t rounds = settings.quick ? 100 : 1000;
  Stage stage = Stage::start;
  double sent_at = 0;
  const auto id = [&] { return fmt::format("{}-{}", name, times.size()); };
  const LoadResult load =
      run_load(server.port(), 1, [&](std::size_t, const std::string& answer) -> std::string {
        if (stage == Stage::look && answer.find(R"("life":"completed")") != std::string::npos) {
          times.push_back((now_seconds() - sent_at) * 1000);
          stage = Stage::start;
        }
        if (times.size() == rounds) return "";
        if (stage == Stage::start) {
          stage = Stage::event;
          return post_request("/v1/instances", k_key, start_body(id()));
        }
        if (stage == Stage::event) {
          stage = Stage::look;
          sent_at = now_seconds();
          return post_request("/v1/events", k_key, event_body(id()));
        }
        return get_request("/v1/instances/bench_order/" + id(), k_key);
      });
  if (load.failed > 0) return report.skip(name, load.first_failure);
  report.add(name + ".p50", percentile(times, 0.5), "ms");
  report.add(name + ".p99", percentile(times, 0.99), "ms");
}

void measure_store(const Settings& settings, const std::string& store, Report& report) {
  Server server(settings, store);
  if (!server.is_ready()) return report.skip("lifecycles." + store, server.log().substr(0, 2000));
  measure_completion(settings, server, "completion." + store, report);
  for (const std::size_t clients : {1u, 16u, 64u, 256u}) {
    const std::string name = fmt::format("lifecycles.{}.c{}", store, clients);
    Driver driver{fmt::format("l{}", clients), now_seconds() + settings.seconds()};
    Outcome outcome = run_clients(server, driver, clients, k_steps_per_lifecycle);
    std::optional<Goal> goal;
    if (clients == 64) {
      goal =
          store == "postgres" ? Goal{"floor.order3x50", 0.3} : Goal{"lifecycles.postgres.c64", 0.5};
    }
    if (!add_outcome(name, outcome, server, goal, report)) return;
  }
  Driver driver{"s64", now_seconds() + settings.seconds(), false};
  Outcome outcome = run_clients(server, driver, 64, 1);
  const bool on_postgres = store == "postgres";
  add_outcome("starts." + store + ".c64",
              outcome,
              server,
              on_postgres ? std::optional(Goal{"floor.order3x50", 0.4}) : std::nullopt,
              report);
}

}  // namespace

void measure_lifecycles(const Settings& settings, Report& report) {
  if (settings.postgres.empty()) {
    report.skip("lifecycles.postgres", "VOZEX_TEST_POSTGRES is not set");
  } else {
    measure_store(settings, "postgres", report);
    const std::optional<double> orders = report.find("lifecycles.postgres.c64");
    if (orders) {
      report.add("lifecycles.of_order3", *orders, "/s", Goal{"floor.order3", 2.5});
      report.add("lifecycles.of_commit", *orders, "/s", Goal{"commit.orders", 0.6});
    }
    run_sql(settings, settings.postgres, "DROP DATABASE IF EXISTS vozex_bench_life WITH (FORCE)");
  }
  measure_store(settings, "sqlite", report);
}

}  // namespace vozex::bench

// SPDX-License-Identifier: Apache-2.0
//
// Whole lifecycles over HTTP against a real `vozex serve` on an empty database, on the same cores
// as the client. One lifecycle: it is started, an event comes (its guard holds, data is set), a
// durable call goes out and ends, and it is complete. The call is answered by an adapter in the
// process without a network, so that what is measured is the engine and its store. Each client
// waits for its answers, which come after the commits; the rate counts lifecycles that are over.
#include <fmt/format.h>

#include <thread>

#include "tests/bench/server.h"

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

// One client more, which sends an event and waits for the end of the instance: the time from
// sending the event to the answer that says so. Or, `asks_again`, asks until an answer does.
struct Prober {
  std::string prefix;
  bool asks_again = false;
  std::vector<double> milliseconds = {};
  enum class Stage { start, event, look } stage = Stage::start;
  double sent_at = 0;

  bool is_between() const { return stage == Stage::start; }
  // True when the answer ended a round.
  bool take(const std::string& answer) {
    if (stage != Stage::look || answer.find(R"("life":"completed")") == std::string::npos)
      return false;
    milliseconds.push_back((now_seconds() - sent_at) * 1000);
    stage = Stage::start;
    return true;
  }
  std::string next() {
    const std::string id = fmt::format("{}-{}", prefix, milliseconds.size());
    if (stage == Stage::start) {
      stage = Stage::event;
      return post_request("/v1/instances", k_key, start_body(id));
    }
    if (stage == Stage::event) {
      stage = Stage::look;
      sent_at = now_seconds();
      return post_request("/v1/events", k_key, event_body(id));
    }
    return get_request("/v1/instances/bench_order/" + id + (asks_again ? "" : "?wait=10s"), k_key);
  }
};

struct Outcome {
  double per_second = 0;
  double server_cpu_us = 0;  // a lifecycle
  double database_cpu_us = 0;
  LoadResult load;
  bool finished = false;
};

Outcome run_clients(
    const Place& place, Server& server, Driver driver, std::size_t clients, int steps_each) {
  const double steps_before = server.metric("vozex_steps_total");
  const double database_before = place.database_cpu_seconds();
  const double cpu_before = server.cpu_seconds();
  const double begin = now_seconds();
  Outcome outcome;
  outcome.load = run_load(server.port(), clients, [&](std::size_t client, const std::string&) {
    return driver.next(client);
  });
  const auto begun = static_cast<double>(driver.begun);
  outcome.finished = server.wait_for("vozex_steps_total", steps_before + steps_each * begun);
  outcome.per_second = begun / (now_seconds() - begin);
  outcome.server_cpu_us = (server.cpu_seconds() - cpu_before) * 1e6 / begun;
  outcome.database_cpu_us = (place.database_cpu_seconds() - database_before) * 1e6 / begun;
  return outcome;
}

// The same once more, with the prober beside the clients: its questions cost, too, so the rate is
// not taken from here.
void measure_under_load(
    Server& server, Driver driver, std::size_t clients, const std::string& name, Report& report) {
  Prober prober{driver.prefix + "-probe"};
  const LoadResult load =
      run_load(server.port(), clients + 1, [&](std::size_t client, const std::string& answer) {
        if (client < clients) return driver.next(client);
        prober.take(answer);
        const bool over = prober.is_between() && now_seconds() >= driver.until;
        return over ? std::string() : prober.next();
      });
  if (load.failed > 0) return report.skip(name, load.first_failure);
  report.add(name + ".p50", percentile(prober.milliseconds, 0.5), "ms");
  report.add(name + ".p99", percentile(prober.milliseconds, 0.99), "ms");
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
  if (outcome.database_cpu_us > 0) {
    report.add(name + ".database_cpu", outcome.database_cpu_us, "us");
  }
  return true;
}

// Nobody else is there.
bool probe(const Settings& settings,
           Server& server,
           const std::string& name,
           Prober& prober,
           Report& report) {
  const std::size_t rounds = settings.quick ? 200 : 1000;
  const LoadResult load =
      run_load(server.port(), 1, [&](std::size_t, const std::string& answer) -> std::string {
        prober.take(answer);
        return prober.milliseconds.size() == rounds ? "" : prober.next();
      });
  if (load.failed > 0) report.skip(name, load.first_failure);
  return load.failed == 0;
}

void measure_completion(const Settings& settings,
                        Server& server,
                        const std::string& store,
                        Report& report) {
  const std::string name = "completion." + store;
  Prober prober{name};
  Prober asker{name + "-asked", true};
  if (!probe(settings, server, name, prober, report) ||
      !probe(settings, server, name, asker, report)) {
    return;
  }
  std::optional<Goal> goal;
  const auto single = report.find("floor.single.ms");
  const auto http = report.find("floor.http.ms");
  if (store == "postgres" && single && http) {
    report.add("floor.completion", 2 * *single + 2 * *http, "ms");
    goal = Goal{"floor.completion", 1, true};
  }
  report.add(name + ".p50", percentile(prober.milliseconds, 0.5), "ms", goal);
  report.add(name + ".p99", percentile(prober.milliseconds, 0.99), "ms");
  report.add(name + ".asked_p50", percentile(asker.milliseconds, 0.5), "ms");
}

// What the server and its database have used so far.
struct Used {
  double steps = 0;
  double batches = 0;
  double transactions = 0;  // of the database: round trips
  double log_bytes = 0;     // written ahead
  double syncs = 0;
};

// The database's own counters are up to ten seconds late.
Used used(const Place& place, const Server& server) {
  Used now;
  now.steps = server.metric("vozex_steps_total");
  now.batches = server.metric("vozex_batches_total");
  if (!place.on_postgres()) return now;
  std::this_thread::sleep_for(std::chrono::seconds(11));
  now.transactions = place.ask_database(
      "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()");
  now.log_bytes = place.ask_database("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn");
  now.syncs = place.ask_database("SELECT wal_sync FROM pg_stat_wal");
  return now;
}

// What one step costs in writing.
void add_used(const std::string& name, const Used& before, const Used& after, Report& report) {
  const double steps = after.steps - before.steps;
  const double batches = after.batches - before.batches;
  report.add(name + ".steps_per_batch", steps / batches, "");
  if (after.log_bytes == 0) return;
  report.add(name + ".log_bytes_per_step", (after.log_bytes - before.log_bytes) / steps, "B");
  report.add(name + ".syncs_per_step", (after.syncs - before.syncs) / steps, "");
  report.add(
      name + ".round_trips_per_batch", (after.transactions - before.transactions) / batches, "");
}

std::map<std::string, std::string> workflows() {
  return {{"bench_order.yaml", k_workflow},
          {"payments.yaml", read_file(VOZEX_SOURCE_DIR "/workflows/adapters/payments.yaml")}};
}

void measure_store(const Settings& settings, const std::string& store, Report& report) {
  const Place place(settings, store, workflows());
  Server server(place);
  if (!server.is_ready()) return report.skip("lifecycles." + store, server.log().substr(0, 2000));
  const bool on_postgres = store == "postgres";
  for (const std::size_t clients : {1u, 16u, 64u, 256u}) {
    const std::string name = fmt::format("lifecycles.{}.c{}", store, clients);
    std::optional<Goal> goal;
    std::optional<Used> before;
    if (clients == 64) {
      goal = on_postgres ? Goal{"floor.order3x50", 0.3} : Goal{"lifecycles.postgres.c64", 0.5};
      before = used(place, server);
    }
    Driver driver{fmt::format("l{}", clients), now_seconds() + settings.seconds()};
    Outcome outcome = run_clients(place, server, driver, clients, k_steps_per_lifecycle);
    if (!add_outcome(name, outcome, server, goal, report)) return;
    if (before) add_used(name, *before, used(place, server), report);
    Driver again{fmt::format("p{}", clients), now_seconds() + settings.seconds() / 2};
    measure_under_load(
        server, again, clients, fmt::format("completion.{}.c{}", store, clients), report);
  }
  Driver driver{"s64", now_seconds() + settings.seconds(), false};
  Outcome outcome = run_clients(place, server, driver, 64, 1);
  add_outcome("starts." + store + ".c64",
              outcome,
              server,
              on_postgres ? std::optional(Goal{"floor.order3x50", 0.4}) : std::nullopt,
              report);
}

}  // namespace

void measure_completions(const Settings& settings, Report& report) {
  for (const std::string& store : stores(settings)) {
    const Place place(settings, store, workflows());
    Server server(place);
    if (server.is_ready()) {
      measure_completion(settings, server, store, report);
    } else {
      report.skip("completion." + store, server.log().substr(0, 2000));
    }
  }
}

void measure_lifecycles(const Settings& settings, Report& report) {
  for (const std::string& store : stores(settings)) measure_store(settings, store, report);
  const std::optional<double> orders = report.find("lifecycles.postgres.c64");
  if (!orders) return;
  report.add("lifecycles.of_order3", *orders, "/s", Goal{"floor.order3", 2.5});
  report.add("lifecycles.of_commit", *orders, "/s", Goal{"commit.orders", 0.6});
}

}  // namespace vozex::bench

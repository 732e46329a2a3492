// SPDX-License-Identifier: Apache-2.0
//
// Whole lifecycles over HTTP against a real `vozex serve` on an empty database, on the same cores
// as the client. One lifecycle: it is started, an event comes (its guard holds, data is set), a
// durable call goes out and ends, and it is complete. The call is answered by an adapter in the
// process without a network, so that what is measured is the engine and its store. Each client
// waits for its answers, which come after the commits; the rate counts lifecycles that are over.
#include <fmt/format.h>

#include <thread>

#include "tests/bench/order_script.h"
#include "tests/bench/server.h"

namespace vozex::bench {
namespace {

// What one lifecycle took of the cores, in microseconds. All of it together is their number times
// the time that one took.
struct Spent {
  double server = 0;
  double database = 0;
  double client = 0;  // this program
  double idle = 0;
  double others = 0;  // the kernel's own threads, and whoever else has the machine
};

// A reading of all that Spent is the difference of.
Spent seconds_so_far(const Place& place, const Server& server) {
  Spent now;
  const Cores all = cores();
  now.idle = all.idle_seconds;
  now.server = server.cpu_seconds();
  now.client = own_cpu_seconds();
  now.database = place.database_cpu_seconds();
  now.others = all.busy_seconds - now.server - now.client - now.database;
  return now;
}

Spent spent(const Spent& before, const Spent& after, double lifecycles) {
  const auto each = [&](double Spent::* part) {
    return (after.*part - before.*part) * 1e6 / lifecycles;
  };
  return {each(&Spent::server),
          each(&Spent::database),
          each(&Spent::client),
          each(&Spent::idle),
          each(&Spent::others)};
}

struct Outcome {
  double per_second = 0;
  Spent spent;
  LoadResult load;
  bool finished = false;
};

Outcome run_clients(
    const Place& place, Server& server, OrderScript script, std::size_t clients, int steps_each) {
  const double steps_before = server.metric("vozex_steps_total");
  const Spent before = seconds_so_far(place, server);
  const double begin = now_seconds();
  Outcome outcome;
  outcome.load = run_load(
      server.port(), clients, [&](std::size_t client, std::string_view, std::string& request) {
        script.next(client, request);
      });
  const auto begun = static_cast<double>(script.begun());
  outcome.finished = server.wait_for("vozex_steps_total", steps_before + steps_each * begun);
  outcome.per_second = begun / (now_seconds() - begin);
  outcome.spent = spent(before, seconds_so_far(place, server), begun);
  return outcome;
}

// The same once more, with the prober beside the clients: its questions cost, too, so the rate is
// not taken from here.
void measure_under_load(Server& server,
                        OrderScript script,
                        std::size_t clients,
                        const std::string& name,
                        Report& report) {
  OrderProber prober(script.prefix() + "-probe");
  const LoadResult load =
      run_load(server.port(),
               clients + 1,
               [&](std::size_t client, std::string_view answer, std::string& request) {
                 if (client < clients) return script.next(client, request);
                 prober.take(answer);
                 if (!prober.is_between() || !script.is_over()) prober.next(request);
               });
  if (load.failed > 0) return report.skip(name, load.first_failure);
  report.add(name + ".p50", percentile(prober.milliseconds(), 0.5), "ms");
  report.add(name + ".p99", percentile(prober.milliseconds(), 0.99), "ms");
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
  const Spent& spent = outcome.spent;
  report.add(name + ".server_cpu", spent.server, "us");
  if (spent.database > 0) report.add(name + ".database_cpu", spent.database, "us");
  report.add(name + ".client_cpu", spent.client, "us");
  report.add(name + ".idle", spent.idle, "us");
  report.add(name + ".others", spent.others, "us");
  return true;
}

// Nobody else is there.
bool probe(const Settings& settings,
           Server& server,
           const std::string& name,
           OrderProber& prober,
           Report& report) {
  const std::size_t rounds = settings.quick ? 200 : 1000;
  const LoadResult load =
      run_load(server.port(), 1, [&](std::size_t, std::string_view answer, std::string& request) {
        prober.take(answer);
        if (prober.milliseconds().size() < rounds) prober.next(request);
      });
  if (load.failed > 0) report.skip(name, load.first_failure);
  return load.failed == 0;
}

void measure_completion(const Settings& settings,
                        Server& server,
                        const std::string& store,
                        Report& report) {
  const std::string name = "completion." + store;
  OrderProber prober(name);
  OrderProber asker(name + "-asked", true);
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
  report.add(name + ".p50", percentile(prober.milliseconds(), 0.5), "ms", goal);
  report.add(name + ".p99", percentile(prober.milliseconds(), 0.99), "ms");
  report.add(name + ".asked_p50", percentile(asker.milliseconds(), 0.5), "ms");
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

void measure_store(const Settings& settings, const std::string& store, Report& report) {
  const Place place(settings, store, order_files());
  Server server(place);
  if (!server.is_ready()) return report.skip("lifecycles." + store, server.log().substr(0, 2000));
  const bool on_postgres = store == "postgres";
  const double seconds = settings.seconds();
  if (settings.clients > 0) {
    OrderScript script("only", now_seconds() + seconds);
    Outcome outcome =
        run_clients(place, server, std::move(script), settings.clients, k_steps_per_lifecycle);
    const double steps = server.metric("vozex_steps_total");
    const std::string name = fmt::format("lifecycles.{}.c{}", store, settings.clients);
    if (!add_outcome(name, outcome, server, std::nullopt, report)) return;
    return report.add(name + ".steps_per_batch", steps / server.metric("vozex_batches_total"), "");
  }
  for (const std::size_t clients : {1u, 16u, 64u, 256u}) {
    const std::string name = fmt::format("lifecycles.{}.c{}", store, clients);
    std::optional<Goal> goal;
    std::optional<Used> before;
    if (clients == 64) {
      goal = on_postgres ? Goal{"floor.order3x50", 0.3} : Goal{"lifecycles.postgres.c64", 0.5};
      before = used(place, server);
    }
    OrderScript script(fmt::format("l{}", clients), now_seconds() + seconds);
    Outcome outcome = run_clients(place, server, std::move(script), clients, k_steps_per_lifecycle);
    if (!add_outcome(name, outcome, server, goal, report)) return;
    if (before) add_used(name, *before, used(place, server), report);
    measure_under_load(server,
                       OrderScript(fmt::format("p{}", clients), now_seconds() + seconds / 2),
                       clients,
                       fmt::format("completion.{}.c{}", store, clients),
                       report);
  }
  Outcome outcome =
      run_clients(place, server, OrderScript("s64", now_seconds() + seconds, false), 64, 1);
  add_outcome("starts." + store + ".c64",
              outcome,
              server,
              on_postgres ? std::optional(Goal{"floor.order3x50", 0.4}) : std::nullopt,
              report);
}

}  // namespace

void measure_completions(const Settings& settings, Report& report) {
  for (const std::string& store : stores(settings)) {
    const Place place(settings, store, order_files());
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
  if (!orders || settings.clients > 0) return;
  report.add("lifecycles.of_order3", *orders, "/s", Goal{"floor.order3", 2.5});
  report.add("lifecycles.of_commit", *orders, "/s", Goal{"commit.orders", 0.6});
}

}  // namespace vozex::bench

// SPDX-License-Identifier: Apache-2.0
//
// Ten thousand, a hundred thousand and a million live instances that wait, each with a timer. They
// are made by the engine's own start() and committed through the store, without their history, and
// found there by the server when it starts: how long until it is ready, what memory it takes, how
// fast one is found by its key. Most are due in an hour; of those that are due soon, a thousand a
// second, the server's own histogram says how late they were. Ten thousand that were made one after
// the other are due at one instant, and then as many more of all ages, as bills are at midnight.
#include <fmt/format.h>

#include <random>
#include <sstream>
#include <thread>

#include "adapters/postgres/postgres_store.h"
#include "adapters/sqlite/sqlite_store.h"
#include "adapters/system/random.h"
#include "engine/base/assert.h"
#include "engine/language/compile.h"
#include "engine/runtime/batch/correlation.h"
#include "engine/runtime/items/rows.h"
#include "engine/step/step.h"
#include "tests/bench/server.h"

namespace vozex::bench {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

constexpr const char* k_workflow = R"(vozex: 1
workflow: bench_wait
version: 1
key: input.id
input: {id: string, note: string}
initial: waiting
states:
  waiting: {after: {1h: over}}
  over: {type: final}
)";
constexpr Duration k_wait{std::chrono::hours{1}};
constexpr int k_due_a_second = 1000;
constexpr int k_storm = 10'000;
constexpr int k_sown_a_second = 15'000;  // and more

Timestamp wall() {
  return std::chrono::time_point_cast<microseconds>(std::chrono::system_clock::now());
}

std::unique_ptr<ports::Store> open(const Place& place) {
  if (place.on_postgres()) {
    auto store = postgres::open_store(place.url());
    VOZEX_ASSERT(store.has_value());
    return std::move(*store);
  }
  auto store = sqlite::open_store(place.url());
  VOZEX_ASSERT(store.has_value());
  return std::move(*store);
}

// Puts instances into the store, a batch at a time.
class Sower {
 public:
  explicit Sower(ports::Store& store)
      : machine_(language::compile({{{"bench_wait.yaml", k_workflow}}}).machines.front()),
        lane_(std::move(store.open_lane().value())) {}
  ~Sower() { flush(); }

  // Its key is "w-<number>", counted from 0.
  void add(Timestamp due) {
    const std::string name = fmt::format("w-{}", count_++);
    StartRequest request;
    request.id = ids_.new_instance_id(wall());
    request.root = request.id;
    request.tenant = "default";
    request.input = types::Value::object({{"id", types::Value::string(name)},
                                          {"note", types::Value::string(std::string(200, 'n'))}});
    const auto started = vozex::start(*machine_, request, due - k_wait, types::Value::map({}));
    VOZEX_ASSERT(started.has_value());
    const Shard shard = shard_of(request.id);
    ports::Group group;
    group.instances.push_back({0, runtime::row_of(*machine_, started->next, shard)});
    group.bindings.push_back({ports::BindingOp::take_key,
                              runtime::binding_of("default", "bench_wait", "", name),
                              {shard, request.id}});
    request_.groups.push_back(std::move(group));
    if (request_.groups.size() == ports::k_max_batch_groups) flush();
  }

  void flush() {
    if (request_.groups.empty()) return;
    request_.etag = ++etag_;
    const auto reply = lane_->commit(request_);
    VOZEX_ASSERT(reply.has_value());
    request_.groups.clear();
  }

  int count() const { return count_; }

 private:
  machine::MachineRef machine_;
  std::unique_ptr<ports::LaneStore> lane_;
  ports::CommitRequest request_;
  Etag etag_ = 0;
  int count_ = 0;
  system::SystemRandom ids_;
};

// Counts of the server's histogram of lateness, by bound in seconds; cumulative.
std::map<double, double> lateness(const Server& server) {
  std::map<double, double> counts;
  std::istringstream lines(server.metrics());
  const std::string mark = "vozex_timer_lag_seconds_bucket{le=\"";
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind(mark, 0) != 0) continue;
    const double bound = std::strtod(line.c_str() + mark.size(), nullptr);
    counts[bound] = std::strtod(line.c_str() + line.rfind(' '), nullptr);
  }
  return counts;
}

// Milliseconds within which this share of them were, straight between bounds.
double within(const std::map<double, double>& counts, double share) {
  const double wanted = share * counts.rbegin()->second;
  double low = 0;
  double below = 0;
  for (const auto& [bound, here] : counts) {
    if (here >= wanted) {
      const double part = here > below ? (wanted - below) / (here - below) : 1;
      return 1000 * (low + part * (bound - low));
    }
    low = bound;
    below = here;
  }
  return 1000 * low;
}

void measure_search(Server& server, int count, const std::string& name, Report& report) {
  std::mt19937 dice(2);
  int asked = 0;
  LoadResult load =
      run_load(server.port(), 1, [&](std::size_t, std::string_view, std::string& next) {
        if (asked++ == 500) return;
        const auto number = dice() % static_cast<unsigned>(count);
        next = get_request(fmt::format("/v1/instances/bench_wait/w-{}", number), k_key);
      });
  if (load.failed > 0) return report.skip(name + ".search", load.first_failure);
  report.add(name + ".search_p50", percentile(load.milliseconds, 0.5), "ms", Goal{"", 5, true});
  report.add(name + ".search_p99", percentile(load.milliseconds, 0.99), "ms");
}

struct Moments {
  Timestamp begin;     // the first of those that are due soon
  Timestamp storm;     // ten thousand of one age
  Timestamp midnight;  // ten thousand of all ages
};

void measure_storm(
    Server& server, int fired, Timestamp due, const std::string& name, Report& report) {
  if (!server.wait_for("vozex_timers_fired_total", fired, 60))
    return report.skip(name, server.log().substr(0, 2000));
  const std::chrono::duration<double, std::milli> took = wall() - due;
  report.add(name, took.count(), "ms", Goal{"", 500, true});
}

void measure_lag(const Settings& settings,
                 Server& server,
                 int soon,
                 const Moments& at,
                 const std::string& name,
                 Report& report) {
  const std::chrono::duration<double> ahead = at.begin - wall();
  const double patience = ahead.count() + 60 + 2 * settings.seconds();
  if (!server.wait_for("vozex_timers_fired_total", soon, patience))
    return report.skip(name + ".lag", server.log().substr(0, 2000));
  const auto steady = lateness(server);
  report.add(name + ".lag_p50", within(steady, 0.5), "ms");
  report.add(name + ".lag_p99", within(steady, 0.99), "ms", Goal{"", 20, true});
  measure_storm(server, soon + k_storm, at.storm, name + ".storm_last", report);
  measure_storm(server, soon + 2 * k_storm, at.midnight, name + ".midnight_last", report);
}

void measure_count(const Settings& settings, const std::string& store, int count, Report& report) {
  const std::string name = fmt::format("waiting.{}.{}k", store, count / 1000);
  const Place place(settings, store, {{"bench_wait.yaml", k_workflow}});
  {
    Server first(place);  // makes the tables, deploys the workflow
    if (!first.is_ready()) return report.skip(name, first.log().substr(0, 2000));
  }
  const int soon = k_due_a_second * static_cast<int>(settings.seconds());
  Moments at;
  at.begin = wall() + seconds(10 + count / k_sown_a_second);
  at.storm = at.begin + seconds(soon / k_due_a_second + 3);
  at.midnight = at.storm + seconds(5);
  {
    const auto opened = open(place);
    Sower sower(*opened);
    const Timestamp far = at.midnight + k_wait;
    for (int i = 0; i < count; ++i)
      sower.add(i % (count / k_storm) == 0 ? at.midnight : far + microseconds(i));
    for (int i = 0; i < soon; ++i)
      sower.add(at.begin + microseconds(i * (1'000'000 / k_due_a_second)));
    for (int i = 0; i < k_storm; ++i) sower.add(at.storm);
  }
  if (at.begin < wall() + seconds(3)) return report.skip(name, "too slow to make so many in time");
  Server server(place);
  if (!server.is_ready()) return report.skip(name, server.log().substr(0, 2000));
  report.add(name + ".ready", server.ready_seconds(), "s", Goal{"", 2, true});
  report.add(name + ".memory", server.memory_mb(), "MB", Goal{"", 200, true});
  measure_search(server, count, name, report);
  measure_lag(settings, server, soon, at, name, report);
  report.add(name + ".memory_after", server.memory_mb(), "MB", Goal{"", 200, true});
}

}  // namespace

void measure_waiting(const Settings& settings, Report& report) {
  const std::vector<int> counts = settings.quick ? std::vector<int>{10'000, 100'000}
                                                 : std::vector<int>{10'000, 100'000, 1'000'000};
  for (const std::string& store : stores(settings)) {
    for (const int count : counts) measure_count(settings, store, count, report);
  }
}

}  // namespace vozex::bench

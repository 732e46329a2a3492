// SPDX-License-Identifier: Apache-2.0
// Families under faults: fan-outs of hundreds of children three deep, joins, replies, cancellation
// downwards, failures upwards; and undoing in reverse order. Seeds as in simulation_test.cc.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/language/compile.h"
#include "engine/runtime/routing.h"
#include "engine/types/json.h"
#include "tests/simulation/process.h"
#include "tests/simulation/shop_files.h"

namespace vozex::simulation {
namespace {

using types::Value;

const char* const k_convoy = R"(
vozex: 1
workflow: convoy
version: 1
key: input.name
input: {name: string, wagons: list<int>}
output: {names: list<string>}
data: {names: {type: list<string>, default: []}, seen: {type: int, default: 0}}
events:
  convoy.stop: {data: {name: string}, match: event.data.name}
warnings: {VZ0606: this is about children}
initial: loading
states:
  loading:
    on: {convoy.stop: stopped}
    invoke:
      id: wagons
      for_each: {n: input.wagons}
      limit: 60
      workflow: wagon
      input: {name: "${input.name + '/' + string(n)}", number: "${n}"}
      on_each: {set: {seen: "${data.seen + 1}"}}
      on_done: {target: arrived, set: {names: "${invoked.wagons.map(w, w.result.name)}"}}
      on_error: broken
  arrived: {type: final, output: {names: "${data.names}"}}
  stopped: {type: final, outcome: cancelled}
  broken: {type: final, outcome: failed, error: {code: broken}}
)";

const char* const k_wagon = R"(
vozex: 1
workflow: wagon
version: 1
key: input.name
input: {name: string, number: int}
output: {name: string}
initial: packing
states:
  packing:
    invoke:
      id: crates
      for_each: {c: "[1, 2]"}
      workflow: crate
      input: {name: "${input.name + '/' + string(c)}", good: "${input.number != 13}"}
      on_done: racing
      on_error: lost
  racing:
    invoke:
      id: race
      for_each: {c: "[3, 4]"}
      join: any
      workflow: crate
      input: {name: "${input.name + '/' + string(c)}", good: true}
      on_done: sealed
      on_error: lost
  sealed:
    on_entry: [{reply: {name: "${input.name}"}}]
    after: {2m: gone}
  gone: {type: final, output: {name: "${input.name}"}}
  lost: {type: final, outcome: failed, error: {code: lost}}
)";

const char* const k_crate = R"(
vozex: 1
workflow: crate
version: 1
key: input.name
input: {name: string, good: bool}
output: {name: string}
initial: looking
states:
  looking:
    invoke:
      call: bank.look
      with: {order: "${input.name}"}
      timeout: 2s
      retry: {attempts: 60, backoff: 1s, factor: 2, max: 10s, jitter: 0.2}
      on_done: judged
  judged:
    always:
      - {when: input.good, target: packed}
      - {target: spoiled}
  packed: {type: final, output: {name: "${input.name}"}}
  spoiled: {type: final, outcome: failed, error: {code: spoiled}}
)";

const char* const k_trip = R"(
vozex: 1
workflow: trip
version: 1
key: input.name
input: {name: string}
output: {}
policies: {firm: {attempts: 40, backoff: 1s, factor: 2, max: 10s, jitter: 0.2}}
initial: flight
states:
  flight:
    invoke:
      call: bank.stamp
      with: {order: "${input.name}"}
      retry: firm
      compensate: {call: bank.refund, with: {reference: "${result.reference}"}}
      on_done: hotel
  hotel:
    invoke:
      call: bank.stamp
      with: {order: "${input.name}"}
      retry: firm
      compensate: {call: bank.refund, with: {reference: "${result.reference}"}}
      on_done: car
  car:
    invoke:
      call: bank.stamp
      with: {order: "${input.name}"}
      retry: firm
      compensate: {call: bank.refund, with: {reference: "${result.reference}"}}
      on_done: cancelling
  cancelling: {invoke: {compensate: all, on_done: home}}
  home: {type: final, output: {}}
)";

std::vector<machine::MachineRef> machines(const std::vector<std::string>& texts) {
  language::SourceSet sources;
  for (const std::string& text : texts) {
    sources.files.push_back({"file" + std::to_string(sources.files.size()) + ".yaml", text});
  }
  language::Compilation compilation = language::compile(sources);
  EXPECT_FALSE(has_errors(compilation.diagnostics))
      << language::render(compilation.diagnostics, sources);
  return compilation.machines;
}

class Family {
 public:
  Family(std::uint64_t seed,
         const Faults& faults,
         const std::vector<std::string>& texts,
         int processes)
      : world_(seed) {
    world_.faults = faults;
    world_.definitions = std::make_shared<runtime::Definitions>(machines(texts), Value());
    for (int i = 0; i < processes; ++i) {
      processes_.push_back(std::make_unique<Process>(world_, "process " + std::to_string(i)));
      processes_.back()->boot();
      revive(*processes_.back());
    }
    operate();
  }

  void start(const std::string& workflow, Value input, const std::string& id) {
    send([this, workflow, input, id] {
      runtime::Item item;
      const InstanceId instance = world_.dice.new_instance_id(world_.agenda.now());
      item.mark = mark_of("default", "client", id);
      item.order = runtime::NewOrder{instance, instance, std::nullopt, "default", workflow, input};
      return item;
    });
  }
  void event_in(Duration delay, const std::string& name, Value data, const std::string& id) {
    world_.agenda.in(delay, [this, name, data, id] {
      send([this, name, data, id] {
        machine::Event event;
        event.id = id;
        event.source = "client";
        event.name = name;
        event.tenant = "default";
        event.time = world_.agenda.now();
        event.data = data;
        runtime::Item item;
        item.mark = mark_of("default", "client", id);
        item.order = runtime::FindOrder{std::move(event)};
        return item;
      });
    });
  }

  void run(Duration stormy, Duration calm) {
    world_.agenda.run_until(world_.agenda.now() + stormy);
    world_.faults = Faults{};
    world_.agenda.run_until(world_.agenda.now() + calm);
  }

  // Of a workflow, by key.
  std::map<std::string, ports::InstanceRow> finished(const std::string& workflow) {
    std::map<std::string, ports::InstanceRow> rows;
    world_.store.inspect([&](const simulated::Tables& tables) {
      for (const auto& [key, row] : tables.finished) {
        if (row.workflow != workflow) continue;
        EXPECT_TRUE(rows.emplace(row.key, row).second) << row.key;
      }
      return 0;
    });
    return rows;
  }

  void expect_nothing_left() {
    world_.store.inspect([&](const simulated::Tables& tables) {
      for (const auto& [key, row] : tables.live) {
        ADD_FAILURE() << "live: " << row.workflow << " " << row.key << " in " << row.state;
      }
      for (const auto& [id, row] : tables.calls) ADD_FAILURE() << "call left: " << id.text();
      for (const auto& [key, row] : tables.outbox) ADD_FAILURE() << "message left: " << row.event;
      return 0;
    });
    for (const auto& process : processes_) EXPECT_TRUE(process->is_idle());
  }

  World& world() { return world_; }

 private:
  void revive(Process& process) {
    world_.agenda.in(world_.dice.between(std::chrono::seconds{1}, std::chrono::seconds{30}),
                     [this, &process] {
                       if (!process.is_alive()) process.boot();
                       revive(process);
                     });
  }

  void send(std::function<runtime::Item()> make) {
    auto answered = std::make_shared<bool>(false);
    if (Process* process = any()) {
      runtime::Item item = make();
      item.done = [answered](const Result<runtime::EventAnswer>&) { *answered = true; };
      process->offer(std::move(item));
    }
    world_.agenda.in(std::chrono::seconds{30}, [this, answered, make] {
      if (!*answered) send(make);
    });
  }

  // Sends dead letters again.
  void operate() {
    world_.agenda.in(std::chrono::seconds{20}, [this] { operate(); });
    Process* process = any();
    if (process == nullptr) return;
    const auto dead = world_.store.queries().calls({ports::CallState::dead, {}, {}, {}}, 100);
    for (const ports::CallRow& row : *dead) {
      ++retried_;
      runtime::Item item;
      item.order = runtime::RetryOrder{row, {"operator", {}}, ""};
      item.done = [](const Result<runtime::EventAnswer>&) {};
      process->offer(std::move(item));
    }
  }

  Process* any() {
    std::vector<Process*> alive;
    for (const auto& process : processes_) {
      if (process->is_alive()) alive.push_back(process.get());
    }
    return alive.empty() ? nullptr : alive[world_.dice.below(alive.size())];
  }

  World world_;
  std::vector<std::unique_ptr<Process>> processes_;
  int retried_ = 0;
};

std::vector<std::uint64_t> seeds(int otherwise) {
  const char* count = std::getenv("VOZEX_SEEDS");
  const int many =
      count != nullptr && *count != '\0' ? std::max(1, std::atoi(count) / 4) : otherwise;
  std::vector<std::uint64_t> all;
  for (int i = 1; i <= many; ++i) all.push_back(static_cast<std::uint64_t>(i));
  return all;
}

Faults storm() {
  Faults faults;
  faults.crash = 0.004;
  faults.freeze = 0.01;
  faults.commit_lost_before = 0.02;
  faults.commit_lost_after = 0.02;
  faults.unavailable = 0.02;
  faults.adapter_error = 0.1;
  faults.adapter_unknown = 0.1;
  return faults;
}

Value wagons(int count) {
  Value::List numbers;
  for (int i = 0; i < count; ++i) numbers.push_back(Value::integer(100 + i));
  return Value::list(std::move(numbers));
}

Value convoy(const std::string& name, Value numbers) {
  return Value::object({{"name", Value::string(name)}, {"wagons", std::move(numbers)}});
}

const std::vector<std::string> k_family = {k_bank_file, k_convoy, k_wagon, k_crate};

void expect_all_arrived(Family& family, const std::string& name, int count) {
  const auto convoys = family.finished("convoy");
  ASSERT_TRUE(convoys.contains(name));
  const ports::InstanceRow& row = convoys.at(name);
  EXPECT_EQ(row.state, "arrived");
  const auto names = types::parse_json(row.output)->find("names")->as_list();
  ASSERT_EQ(names.size(), static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    EXPECT_EQ(names[static_cast<std::size_t>(i)].as_string(), name + "/" + std::to_string(100 + i))
        << "in the order of the items";
  }
  const auto seen = types::parse_json(row.data)->find("seen")->as_integer();
  EXPECT_EQ(seen, count) << "each settled once";
}

TEST(Family, FiveHundredChildrenThreeDeepJoin) {
  Family family(7, {}, k_family, 2);
  family.start("convoy", convoy("big", wagons(500)), "s1");
  family.run(std::chrono::minutes{30}, std::chrono::minutes{30});
  expect_all_arrived(family, "big", 500);
  EXPECT_EQ(family.finished("wagon").size(), 500u);
  EXPECT_EQ(family.finished("crate").size(), 2000u);
  family.expect_nothing_left();
}

TEST(Family, ChildrenJoinWhateverGoesWrong) {
  for (const std::uint64_t seed : seeds(4)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Family family(seed, storm(), k_family, 3);
    for (int i = 0; i < 3; ++i) {
      family.start("convoy", convoy("c" + std::to_string(i), wagons(20)), std::to_string(i));
    }
    family.run(std::chrono::minutes{8}, std::chrono::minutes{80});
    for (int i = 0; i < 3; ++i) expect_all_arrived(family, "c" + std::to_string(i), 20);
    family.expect_nothing_left();
    if (testing::Test::HasFailure()) return;
  }
}

TEST(Family, CancelGoesDownAndFailureGoesUp) {
  for (const std::uint64_t seed : seeds(4)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Family family(seed, storm(), k_family, 3);
    family.start("convoy", convoy("stopped", wagons(30)), "s1");
    family.event_in(std::chrono::seconds{5},
                    "convoy.stop",
                    Value::object({{"name", Value::string("stopped")}}),
                    "stop");
    family.start(
        "convoy", convoy("broken", Value::list({Value::integer(1), Value::integer(13)})), "s2");
    family.run(std::chrono::minutes{8}, std::chrono::minutes{80});
    const auto convoys = family.finished("convoy");
    ASSERT_EQ(convoys.size(), 2u);
    // A stop that came before the end; a storm may hold it back.
    const std::string state = convoys.at("stopped").state;
    EXPECT_TRUE(state == "stopped" || state == "arrived") << state;
    EXPECT_EQ(convoys.at("broken").state, "broken");
    EXPECT_EQ(family.finished("wagon").at("broken/13").state, "lost");
    EXPECT_EQ(family.finished("wagon").at("broken/1").state, "gone");
    family.expect_nothing_left();
    if (testing::Test::HasFailure()) return;
  }
}

TEST(Family, WhatWasDoneIsUndoneInReverseOrder) {
  for (const std::uint64_t seed : seeds(6)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Family family(seed, storm(), {k_bank_file, k_trip}, 2);
    for (int i = 0; i < 6; ++i) {
      family.start("trip",
                   Value::object({{"name", Value::string("t" + std::to_string(i))}}),
                   std::to_string(i));
    }
    family.run(std::chrono::minutes{8}, std::chrono::minutes{60});
    EXPECT_EQ(family.finished("trip").size(), 6u);
    family.expect_nothing_left();
    std::map<std::string, std::vector<int>> undone;  // by instance: seq of the calls, as undone
    for (const std::string& key : family.world().outside.undone()) {
      const std::size_t slash = key.find('/');
      undone[key.substr(0, slash)].push_back(std::atoi(key.c_str() + slash + 1));
    }
    EXPECT_EQ(undone.size(), 6u);
    for (const auto& [instance, calls] : undone) {
      EXPECT_EQ(calls.size(), 3u);
      EXPECT_TRUE(std::is_sorted(calls.rbegin(), calls.rend())) << instance;
    }
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace vozex::simulation

// SPDX-License-Identifier: Apache-2.0
//
// Fan-outs of children three deep: joins over all and any, replies before the end, cancellation
// downwards, failures upwards.
#include <map>

#include "engine/types/json.h"
#include "tests/simulation/bank_file.h"
#include "tests/simulation/kinds_of.h"

namespace vozex::simulation {
namespace {

using simulated::Tables;
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

constexpr Duration k_leaving{std::chrono::minutes{3}};
constexpr int k_spoiled = 13;  // the wagon of this number fails

struct Convoy {
  std::vector<int> wagons;
  bool stopped = false;

  bool breaks() const { return !wagons.empty() && wagons.back() == k_spoiled; }
};

class Family final : public Kind {
 public:
  explicit Family(int children) : children_(children) {}

  std::vector<std::string> files() const override {
    return {k_bank_file, k_convoy, k_wagon, k_crate};
  }

  void plan(World& world, Clients& clients) override {
    if (children_ > 0) {
      add(world, clients, "large", children_, false, Duration{0});
      return;
    }
    const auto wagons = [&world] { return 2 + static_cast<int>(world.dice.below(6)); };
    add(world, clients, "plain", wagons(), false, k_leaving);
    if (world.dice.chance(0.5)) add(world, clients, "broken", wagons(), true, k_leaving);
    if (!world.dice.chance(0.5)) return;
    add(world, clients, "stopped", wagons(), false, Duration{0});
    convoys_["stopped"].stopped = true;
    clients.send_sometime(
        k_leaving,
        {"stop", "convoy.stop", "", Value::object({{"name", Value::string("stopped")}})});
  }

  void judge(const World& /*world*/,
             const Clients& /*clients*/,
             const Tables& tables,
             std::vector<std::string>& violations) const override {
    std::map<std::string, const ports::InstanceRow*> rows;
    for (const auto& [key, row] : tables.finished) {
      const bool is_new = rows.emplace(row.workflow + " " + row.key, &row).second;
      if (!is_new) violations.push_back("key: there are two of " + row.workflow + " " + row.key);
    }
    for (const auto& [name, convoy] : convoys_) look_at(name, convoy, rows, violations);
  }

 private:
  using Rows = std::map<std::string, const ports::InstanceRow*>;

  void add(World& world,
           Clients& clients,
           const std::string& name,
           int count,
           bool breaks,
           Duration within) {
    Convoy& convoy = convoys_[name];
    Value::List numbers;
    for (int i = 0; i < count; ++i) convoy.wagons.push_back(100 + i);
    if (breaks) convoy.wagons.push_back(k_spoiled);
    for (const int number : convoy.wagons) numbers.push_back(Value::integer(number));
    clients.send(world.dice.between(Duration{0}, within),
                 {"start-" + name,
                  "",
                  "convoy",
                  Value::object({{"name", Value::string(name)},
                                 {"wagons", Value::list(std::move(numbers))}})});
  }

  static void look_at(const std::string& name,
                      const Convoy& convoy,
                      const Rows& rows,
                      std::vector<std::string>& violations) {
    const auto found = rows.find("convoy " + name);
    if (found == rows.end()) {
      violations.push_back("stuck: convoy " + name + " has not ended");
      return;
    }
    const ports::InstanceRow& row = *found->second;
    const std::string wanted = convoy.breaks() ? "broken" : "arrived";
    if (row.state == "stopped" && convoy.stopped) return;
    if (row.state != wanted) {
      violations.push_back("state: convoy " + name + " ended in " + row.state + ", not " + wanted);
    }
    if (row.state != "arrived") return;
    const auto data = types::parse_json(row.data);
    const auto seen = data->find("seen")->as_integer();
    if (seen != static_cast<std::int64_t>(convoy.wagons.size())) {
      violations.push_back("join: convoy " + name + " has seen " + std::to_string(seen) + " of " +
                           std::to_string(convoy.wagons.size()));
    }
    std::vector<std::string> names;
    for (const int number : convoy.wagons) names.push_back(name + "/" + std::to_string(number));
    std::vector<std::string> got;
    const auto output = types::parse_json(row.output);
    for (const Value& value : output->find("names")->as_list()) got.push_back(value.as_string());
    if (got != names)
      violations.push_back("join: the results of convoy " + name + ": " + row.output);
  }

  int children_;
  std::map<std::string, Convoy> convoys_;
};

}  // namespace

std::unique_ptr<Kind> make_family() { return std::make_unique<Family>(0); }
std::unique_ptr<Kind> make_large_family(int children) { return std::make_unique<Family>(children); }

}  // namespace vozex::simulation

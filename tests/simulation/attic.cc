// SPDX-License-Identifier: Apache-2.0
//
// Boxes whose rows rot: now and then the stored data or runtime part of one becomes unreadable,
// behind everybody's back. Whoever meets such a row says so and leaves it alone; ops mend it from a
// backup and let it go on. Nothing that came meanwhile is lost, and the other boxes don't notice.
#include <algorithm>
#include <array>
#include <map>

#include "engine/machine/codec.h"
#include "engine/runtime/batch/mending.h"
#include "engine/runtime/items/rows.h"
#include "engine/types/json.h"
#include "tests/simulation/kinds_of.h"

namespace vozex::simulation {
namespace {

using simulated::Tables;
using types::Value;

const char* const k_box = R"(
vozex: 1
workflow: box
version: 1
key: input.name
input: {name: string}
output: {things: list<int>}
data: {things: {type: list<int>, default: []}, dust: {type: int, default: 0}}
events:
  box.put: {data: {name: string, number: int}, match: event.data.name}
  box.close: {data: {name: string}, match: event.data.name}
initial: open
states:
  open:
    on:
      box.put: {set: {things: "${data.things + [event.data.number]}"}}
      box.close: closed
    every: [{20s: {set: {dust: "${data.dust + 1}"}}}]
  closed: {type: final, output: {things: "${data.things}"}}
)";

constexpr int k_boxes = 8;
constexpr Duration k_arrival{std::chrono::minutes{1}};
constexpr Duration k_pause{std::chrono::seconds{50}};
constexpr Duration k_rots{std::chrono::minutes{6}};
constexpr Duration k_look{std::chrono::seconds{15}};
// A box is looked at three times a minute: so soon somebody has met it, when nothing goes wrong.
constexpr Duration k_unnoticed{std::chrono::minutes{3}};
// Ops are told that somebody was there before them.
constexpr std::array k_told = {"not_damaged", "not_held", "instance_ended"};

std::string box_name(int number) { return "box-" + std::to_string(number); }

class Attic final : public Kind {
 public:
  std::vector<std::string> files() const override { return {k_box}; }

  void plan(World& world, Clients& clients) override {
    for (int i = 0; i < k_boxes; ++i) {
      things_.push_back(2 + static_cast<int>(world.dice.below(6)));
      go_on(world, clients, i, 0, world.dice.between(Duration{0}, k_arrival));
    }
    const std::uint64_t times = 2 + world.dice.below(6);
    for (std::uint64_t i = 0; i < times; ++i) {
      world.agenda.in(world.dice.between(Duration{0}, k_rots), [this, &world] { rot(world); });
    }
    look(world, clients);
  }

  bool may_be_refused(const std::string& /*id*/, const Error& error) const override {
    const bool told = std::find(k_told.begin(), k_told.end(), error.code) != k_told.end();
    return told || error.kind == ErrorClass::corrupt;
  }

  void judge(const World& world,
             const Clients& clients,
             const Tables& tables,
             std::vector<std::string>& violations) const override;

 private:
  struct Backup {
    std::string data;
    std::string rt;
    Timestamp rotten_since;
  };

  // The message after `sent` of them; one that met a rotten row is sent again.
  void go_on(World& world, Clients& clients, int box, int sent, Duration delay) {
    const std::string name = box_name(box);
    const int things = things_[static_cast<std::size_t>(box)];
    const Value named = Value::object({{"name", Value::string(name)}});
    Message message;
    if (sent == 0) {
      message = {"start-" + name, "", "box", named};
    } else if (sent <= things) {
      message = {"put-" + name + "-" + std::to_string(sent),
                 "box.put",
                 "",
                 named.with("number", Value::integer(sent))};
    } else if (sent == things + 1) {
      message = {"close-" + name, "box.close", "", named};
    } else {
      return;
    }
    message.then = [this, &world, &clients, box, sent, id = message.id] {
      const int next = clients.accepted().contains(id) ? sent + 1 : sent;
      go_on(world, clients, box, next, world.dice.between(Duration{0}, 2 * k_pause));
    };
    clients.send(delay, std::move(message));
  }

  static bool is_readable(const World& world, const ports::InstanceRow& row) {
    const auto machine = world.definitions->find(row.workflow, row.version);
    machine::Snapshot snapshot;
    runtime::read_columns(row, snapshot);
    return machine::decode(*machine, {row.input, row.data, row.rt}, snapshot).has_value();
  }

  static std::vector<ports::InstanceRow> live(const World& world) {
    return world.database.inspect([](const Tables& tables) {
      std::vector<ports::InstanceRow> rows;
      for (const auto& [key, row] : tables.live) rows.push_back(row);
      return rows;
    });
  }

  void rot(World& world) {
    const auto rows = live(world);
    if (rows.empty()) return;
    const ports::InstanceRow& row = rows[world.dice.below(rows.size())];
    if (!is_readable(world, row)) return;
    backups_[row.id] = {row.data, row.rt, world.agenda.now()};
    const bool data = world.dice.chance(0.5);
    world.note("database", std::string(data ? "data" : "rt") + " of " + row.key + " rots");
    world.database.rot({row.shard, row.id}, data);
  }

  // Ops see incidents, and what can't be read that has none.
  void look(World& world, Clients& clients) {
    world.agenda.in(k_look, [this, &world, &clients] {
      look(world, clients);
      for (const ports::InstanceRow& row : live(world)) {
        if (is_readable(world, row)) continue;
        if (row.incident) {
          mend(world, clients, row);
        } else if (is_overdue(world, row)) {
          world.witness.say("rot: " + row.key + " can't be read, and nobody was told");
        }
      }
    });
  }

  bool is_overdue(const World& world, const ports::InstanceRow& row) const {
    const auto backup = backups_.find(row.id);
    if (world.calm_from == Timestamp{} || backup == backups_.end()) return false;
    const Timestamp since = std::max(world.calm_from, backup->second.rotten_since);
    return world.agenda.now() > since + k_unnoticed;
  }

  void mend(World& world, Clients& clients, const ports::InstanceRow& row) {
    const Backup& backup = backups_.at(row.id);
    runtime::Mending mending;
    mending.actor = {"ann", {}};
    mending.reason = "from the backup";
    if (row.data != backup.data) mending.data = *types::parse_json(backup.data);
    if (row.rt != backup.rt) mending.rt = *types::parse_json(backup.rt);
    Message message;
    message.id = "mend-" + std::to_string(++mendings_);
    message.event = std::string(runtime::k_mend_event);
    message.workflow = "box";
    message.data = runtime::mend_event(mending).data;
    message.source = "ops";
    message.cause = machine::External{};
    message.key = row.key;
    message.then = [this, &world, &clients, key = row.key] {
      Message resume;
      resume.id = "resume-" + std::to_string(++mendings_);
      resume.event = "resume";
      resume.workflow = "box";
      resume.source = "ops";
      resume.cause = machine::Resumed{{"ann", {}}, "mended"};
      resume.key = key;
      clients.send(world.dice.between(Duration{0}, k_pause), std::move(resume));
    };
    clients.send(Duration{0}, std::move(message));
  }

  std::vector<int> things_;
  std::map<InstanceId, Backup> backups_;
  int mendings_ = 0;
};

void Attic::judge(const World& /*world*/,
                  const Clients& /*clients*/,
                  const Tables& tables,
                  std::vector<std::string>& violations) const {
  if (tables.finished.size() != k_boxes) violations.push_back("stuck: not all boxes were closed");
  for (const auto& [key, row] : tables.finished) {
    std::string wanted;
    const int things = things_[std::stoul(row.key.substr(row.key.find('-') + 1))];
    for (int i = 1; i <= things; ++i) wanted += (i == 1 ? "" : ",") + std::to_string(i);
    if (row.output != "{\"things\":[" + wanted + "]}")
      violations.push_back("order: in " + row.key + " is " + row.output);
  }
  for (const auto& [key, row] : tables.history) {
    const auto entry = types::parse_json(row.entry);
    const Value* event = entry ? entry->find("event") : nullptr;
    if (event == nullptr || event->text_at("name") != runtime::k_mend_event) continue;
    // It was held before: only a change is written.
    if (!entry->text_at("life").empty() && entry->text_at("life") != "held")
      violations.push_back("rot: " + row.id.text() + " went on before anybody had looked");
  }
}

}  // namespace

std::unique_ptr<Kind> make_attic() { return std::make_unique<Attic>(); }

}  // namespace vozex::simulation

// SPDX-License-Identifier: Apache-2.0
//
// People at their inbox: they claim, hand on, give back and complete tasks at whatever process is
// alive, while tasks escalate. At each moment the inbox says what the instances say; what the
// histories tell is one owner at a time.
#include <array>
#include <map>

#include "engine/machine/codec.h"
#include "engine/runtime/batch/inbox.h"
#include "engine/runtime/items/rows.h"
#include "engine/types/json.h"
#include "tests/simulation/kinds_of.h"

namespace vozex::simulation {
namespace {

using simulated::Tables;
using types::Value;

const char* const k_desk = R"(
vozex: 1
workflow: desk
version: 1
key: input.name
input: {name: string}
output: {}
initial: checking
states:
  checking:
    task:
      queue: desk
      title: "Check ${input.name}"
      roles: [clerk]
      due: 90s
      overdue: {repeat: 90s, escalate: [{queue: late}, {assignee: person-0}]}
    actions:
      pass: {roles: [clerk], target: signing}
      back: {roles: [clerk], target: checking, reenter: true}
  signing:
    task: {queue: signatures, title: "Sign ${input.name}"}
    actions: {sign: {approvals: 2, target: done}}
  done: {type: final, output: {}}
)";

constexpr int k_people = 5;
constexpr int k_pieces = 8;
constexpr Duration k_arrival{std::chrono::minutes{3}};
constexpr Duration k_glance{std::chrono::milliseconds{700}};
constexpr Duration k_least_pause{std::chrono::seconds{2}};
constexpr Duration k_most_pause{std::chrono::seconds{40}};
// People are told that something is not theirs, or no longer there.
constexpr std::array k_told = {
    "task_claimed", "task_closed", "already_approved", "action_not_available", "instance_ended"};

std::string person(std::uint64_t number) { return "person-" + std::to_string(number); }

class Desk final : public Kind {
 public:
  std::vector<std::string> files() const override { return {k_desk}; }

  void plan(World& world, Clients& clients) override {
    for (int i = 0; i < k_pieces; ++i) {
      const std::string name = "piece-" + std::to_string(i);
      clients.send(world.dice.between(Duration{0}, k_arrival),
                   {"start-" + name, "", "desk", Value::object({{"name", Value::string(name)}})});
    }
    for (std::uint64_t i = 0; i < k_people; ++i) work(world, clients, person(i));
    compare(world);
  }

  bool may_be_refused(const std::string& /*id*/, const Error& error) const override {
    for (const char* code : k_told) {
      if (error.code == code) return true;
    }
    return false;
  }

  void judge(const World& /*world*/,
             const Clients& /*clients*/,
             const Tables& tables,
             std::vector<std::string>& violations) const override {
    if (tables.finished.size() != k_pieces) violations.push_back("desk: not all pieces were done");
    for (const auto& [id, task] : tables.tasks)
      violations.push_back("inbox: " + id.text() + " is left in the queue " + task.queue);
    std::map<InstanceId, std::string> owners;
    for (const auto& [key, row] : tables.history) {
      const auto entry = types::parse_json(row.entry);
      if (entry) follow(row, *entry, owners[row.id], violations);
    }
  }

 private:
  // One step of one instance, by what its history says.
  static void follow(const ports::HistoryRow& row,
                     const Value& entry,
                     std::string& owner,
                     std::vector<std::string>& violations) {
    const Value* event = entry.find("event");
    const Value* actor = entry.find("actor");
    const std::string name(event != nullptr ? event->text_at("name") : "");
    const std::string who(actor != nullptr ? actor->text_at("id") : "");
    const std::string note(entry.text_at("note"));
    if (note.find("escalates to level 1:") != std::string::npos) owner = "";
    if (note.find("escalates to level 2:") != std::string::npos) owner = person(0);
    if (row.disposition == machine::Disposition::ignored) return;
    const auto only = [&](bool allowed) {
      if (allowed) return;
      violations.push_back("owner: " + row.id.text() + " at " + std::to_string(row.seq) + ": " +
                           who + " did " + name + " while " + (owner.empty() ? "nobody" : owner) +
                           " had the task");
    };
    if (name == "task.claim") {
      only(owner.empty() || owner == who);
      owner = who;
    } else if (name == "task.release") {
      only(owner == who);
      owner = "";
    } else if (name == "task.assign") {
      only(owner.empty() || owner == who);
      owner = note.substr(note.find("\": ") + 3);
      owner.resize(owner.find(' '));
    } else if (name == "action.pass" || name == "action.back") {
      only(owner.empty() || owner == who);
      owner = "";
    } else if (name == "action.sign" && owner == who) {
      owner = "";
    }
  }

  // Now and then a person looks at the inbox and does something about one entry.
  void work(World& world, Clients& clients, const std::string& who) {
    world.agenda.in(world.dice.between(k_least_pause, k_most_pause), [this, &world, &clients, who] {
      work(world, clients, who);
      do_something(world, clients, who);
    });
  }

  void do_something(World& world, Clients& clients, const std::string& who) {
    std::vector<ports::TaskRow> rows;
    world.database.inspect([&](const Tables& tables) {
      for (const auto& [id, task] : tables.tasks) rows.push_back(task);
      return 0;
    });
    if (rows.empty()) return;
    const ports::TaskRow& task = rows[world.dice.below(rows.size())];
    const std::uint64_t mood = world.dice.below(10);
    if (task.state == "signing" && mood < 5) {
      act(clients, task, "sign", who);
    } else if (task.assignee != who) {
      move(clients, task, machine::TaskChange::claim, who);  // it may be somebody else's
    } else if (mood < 2) {
      move(clients, task, machine::TaskChange::release, who);
    } else if (mood < 4) {
      move(clients, task, machine::TaskChange::assign, who, person(world.dice.below(k_people)));
    } else if (task.state == "checking") {
      act(clients, task, mood < 5 ? "back" : "pass", who);
    }
  }

  void order(Clients& clients,
             const ports::TaskRow& task,
             const std::string& name,
             machine::Cause cause) {
    Message message;
    message.id = "order-" + std::to_string(++orders_);
    message.event = name;
    message.workflow = "desk";
    message.data = Value::map({});
    message.cause = std::move(cause);
    message.key = task.key;
    clients.send(Duration{0}, std::move(message));
  }

  void move(Clients& clients,
            const ports::TaskRow& task,
            machine::TaskChange change,
            const std::string& who,
            const std::string& to = "") {
    const machine::TaskRef ref{task.id.seq, task.id.index};
    order(clients,
          task,
          "task." + std::string(to_string(change)),
          machine::TaskMoved{ref, change, to, {who, {"clerk"}}, ""});
  }

  void act(Clients& clients,
           const ports::TaskRow& task,
           const std::string& action,
           const std::string& who) {
    machine::ActionTaken taken;
    taken.name = action;
    taken.actor = {who, {"clerk"}};
    taken.form = Value::map({});
    taken.task = machine::TaskRef{task.id.seq, task.id.index};
    order(clients, task, "action." + action, taken);
  }

  // What the instances say against what the inbox has, again and again.
  void compare(World& world) {
    world.agenda.in(k_glance, [this, &world] { compare(world); });
    world.database.inspect([&](const Tables& tables) {
      std::vector<ports::TaskRow> wanted;
      for (const auto& [key, row] : tables.live) {
        const auto machine = world.definitions->find(row.workflow, row.version);
        machine::Snapshot snapshot;
        runtime::read_columns(row, snapshot);
        if (!machine::decode(*machine, {row.input, row.data, row.rt}, snapshot)) {
          world.witness.say("inbox: " + row.key + " can't be read");
          continue;
        }
        for (ports::TaskRow& task : runtime::task_rows(*machine, snapshot, row.shard))
          wanted.push_back(std::move(task));
      }
      std::vector<ports::TaskRow> found;
      for (const auto& [id, task] : tables.tasks) found.push_back(task);
      for (const auto& fault : runtime::inbox_faults(std::move(wanted), std::move(found)))
        world.witness.say("inbox: " + fault.task.text() + " " + fault.what);
      return 0;
    });
  }

  int orders_ = 0;
};

}  // namespace

std::unique_ptr<Kind> make_desk() { return std::make_unique<Desk>(); }

}  // namespace vozex::simulation

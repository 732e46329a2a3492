// SPDX-License-Identifier: Apache-2.0
//
// Diaries whose notes come one after the other, each sent when the one before was answered: some
// before the diary exists, some while it defers them, some while ops have suspended it. They must
// stand in it in that order, and in a journal that hears of all of them. Clocks tick in every
// diary. A second version is deployed meanwhile. And notes for diaries that never come.
#include <algorithm>
#include <map>
#include <set>

#include "engine/types/json.h"
#include "tests/simulation/kinds_of.h"

namespace vozex::simulation {
namespace {

using simulated::Tables;
using types::Value;

std::string diary_file(int version) {
  return "vozex: 1\nworkflow: diary\nversion: " + std::to_string(version) + R"(
key: input.name
input: {name: string}
output: {notes: list<int>}
data: {notes: {type: list<int>, default: []}, ticks: {type: int, default: 0}}
events:
  diary.note: {data: {name: string, number: int}, match: event.data.name}
  diary.close: {data: {name: string}, match: event.data.name}
  journal.add: {data: {journal: string, name: string, number: int}}
warnings: {VZ0606: this is about order}
initial: asleep
states:
  asleep:
    on: {diary.note: {defer: true}, diary.close: {defer: true}}
    after: {40s: awake}
  awake:
    on:
      diary.note:
        set: {notes: "${data.notes + [event.data.number]}"}
        do:
          - emit:
              event: journal.add
              data: {journal: main, name: "${input.name}", number: "${event.data.number}"}
      diary.close: closing
    every: [{7s: {set: {ticks: "${data.ticks + 1}"}}}]
    after: {70s: asleep}
  closing:
    every: [{11s: {set: {ticks: "${data.ticks + 1}"}}}]
    after: {1m: closed}
  closed: {type: final, output: {notes: "${data.notes}"}}
)";
}

const char* const k_journal = R"(
vozex: 1
workflow: journal
version: 1
key: input.journal
input: {journal: string}
output: {notes: list<string>}
data: {notes: {type: list<string>, default: []}}
events:
  journal.add: {data: {journal: string, name: string, number: int}, match: event.data.journal}
initial: open
states:
  open:
    on:
      journal.add:
        set: {notes: "${data.notes + [event.data.name + '/' + string(event.data.number)]}"}
    actions:
      close: {title: Close, target: closed}
  closed: {type: final, output: {notes: "${data.notes}"}}
)";

constexpr Duration k_begin{std::chrono::minutes{2}};
constexpr Duration k_pause{std::chrono::seconds{25}};
constexpr Duration k_at_once{std::chrono::milliseconds{20}};
constexpr Duration k_suspended{std::chrono::seconds{40}};

Value text(const std::string& value) { return Value::string(value); }
std::string diary_name(int index) { return "diary-" + std::to_string(index); }
std::string ghost_name(int index) { return "ghost-" + std::to_string(index); }

class Diary final : public Kind {
 public:
  std::vector<std::string> files() const override { return {diary_file(1), k_journal}; }
  std::vector<std::string> later_files() const override { return {diary_file(2)}; }

  void plan(World& world, Clients& clients) override {
    clients.send(Duration{0},
                 {"start-journal", "", "journal", Value::object({{"journal", text("main")}})});
    diaries_ = 2 + static_cast<int>(world.dice.below(4));
    for (int i = 0; i < diaries_; ++i) {
      notes_.push_back(2 + static_cast<int>(world.dice.below(6)));
      const int start_at = static_cast<int>(world.dice.below(3));
      go_on(world, clients, i, 0, start_at, world.dice.between(Duration{0}, k_begin));
      if (world.dice.chance(0.5)) suspend(world, clients, i);
    }
    // The end of such a run is far away: early events wait for long.
    if (!world.dice.chance(0.2)) return;
    ghosts_ = 1 + static_cast<int>(world.dice.below(3));
    for (int i = 0; i < ghosts_; ++i) {
      clients.send_sometime(k_begin, note(ghost_name(i), 1));
    }
  }

  bool stays_open(const ports::InstanceRow& row) const override {
    return row.workflow == "journal";
  }
  // What ops ask for may come too late, or twice.
  bool may_be_refused(const std::string& id, const Error& /*error*/) const override {
    return id.starts_with("suspend-") || id.starts_with("resume-");
  }
  bool is_waiting(const Tables& tables) const override { return !tables.parked.empty(); }

  void judge(const World& world,
             const Clients& clients,
             const Tables& tables,
             std::vector<std::string>& violations) const override;

 private:
  static Message note(const std::string& name, int number) {
    return {"note-" + name + "-" + std::to_string(number),
            "diary.note",
            "",
            Value::object({{"name", text(name)}, {"number", Value::integer(number)}})};
  }

  // The message after `sent` of them; the start is one of the first.
  void go_on(World& world, Clients& clients, int diary, int sent, int start_at, Duration delay) {
    const std::string name = diary_name(diary);
    const int notes = notes_[static_cast<std::size_t>(diary)];
    Message message;
    if (sent == start_at) {
      message = {"start-" + name, "", "diary", Value::object({{"name", text(name)}})};
    } else if (sent <= notes) {
      message = note(name, sent < start_at ? sent + 1 : sent);
    } else if (sent == notes + 1) {
      message = {"close-" + name, "diary.close", "", Value::object({{"name", text(name)}})};
    } else {
      return;
    }
    message.then = [this, &world, &clients, diary, sent, start_at] {
      // Often at once: nothing else may come in between.
      const Duration pause = world.dice.chance(0.5) ? k_pause : k_at_once;
      const Duration wait = world.dice.between(Duration{0}, pause);
      go_on(world, clients, diary, sent + 1, start_at, wait);
    };
    clients.send(delay, std::move(message));
  }

  static void suspend(World& world, Clients& clients, int diary) {
    const std::string name = diary_name(diary);
    const machine::Actor ops{"ops", {}};
    Message resume{
        "resume-" + name, "resume", "diary", {}, "ops", machine::Resumed{ops, "done"}, name};
    Message stop{
        "suspend-" + name, "suspend", "diary", {}, "ops", machine::Suspended{ops, "look"}, name};
    stop.then = [&world, &clients, resume] {
      clients.send(world.dice.between(Duration{0}, k_suspended), resume);
    };
    clients.send(world.dice.between(k_begin, 3 * k_begin), std::move(stop));
  }

  int diaries_ = 0;
  int ghosts_ = 0;
  std::vector<int> notes_;
};

std::vector<std::int64_t> numbers(const std::string& json) {
  std::vector<std::int64_t> all;
  const auto value = types::parse_json(json);
  const Value* notes = value ? value->find("notes") : nullptr;
  if (notes == nullptr) return all;
  for (const Value& number : notes->as_list()) all.push_back(number.as_integer());
  return all;
}

// What the journal has of each diary, in its order.
std::map<std::string, std::vector<std::int64_t>> journal_of(const Tables& tables) {
  std::map<std::string, std::vector<std::int64_t>> notes;
  for (const auto& [key, row] : tables.live) {
    if (row.workflow != "journal") continue;
    const auto data = types::parse_json(row.data);
    for (const Value& value : data->find("notes")->as_list()) {
      const std::string& entry = value.as_string();
      const std::size_t slash = entry.find('/');
      notes[entry.substr(0, slash)].push_back(std::stoll(entry.substr(slash + 1)));
    }
  }
  return notes;
}

void Diary::judge(const World& /*world*/,
                  const Clients& clients,
                  const Tables& tables,
                  std::vector<std::string>& violations) const {
  std::map<std::string, const ports::InstanceRow*> diaries;
  for (const auto& [key, row] : tables.finished) {
    if (row.workflow == "diary") diaries[row.key] = &row;
  }
  auto journal = journal_of(tables);
  for (int i = 0; i < diaries_; ++i) {
    const std::string name = diary_name(i);
    if (!clients.accepted().contains("close-" + name)) {
      violations.push_back("once: " + name + " was not told all");
      continue;
    }
    std::vector<std::int64_t> wanted;
    for (int n = 1; n <= notes_[static_cast<std::size_t>(i)]; ++n) wanted.push_back(n);
    const auto found = diaries.find(name);
    if (found == diaries.end()) {
      violations.push_back("stuck: " + name + " has not ended");
      continue;
    }
    if (numbers(found->second->output) != wanted) {
      violations.push_back("order: the notes of " + name + " are " + found->second->output);
    }
    std::sort(journal[name].begin(), journal[name].end());  // its order: a rule for all messages
    if (journal[name] != wanted) {
      violations.push_back("message: the journal of " + name + " has not all its notes, each once");
    }
  }
  for (int i = 0; i < ghosts_; ++i) {
    const auto mark =
        tables.marks.find(mark_of("default", "client", "note-" + ghost_name(i) + "-1"));
    if (mark == tables.marks.end() || mark->second.answer != ports::k_expired_answer) {
      violations.push_back("waiting: the note of " + ghost_name(i) + " has not expired");
    }
  }
}

}  // namespace

std::unique_ptr<Kind> make_diary() { return std::make_unique<Diary>(); }

}  // namespace vozex::simulation

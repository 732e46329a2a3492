// SPDX-License-Identifier: Apache-2.0
//
// Permits that get notes from outside, one after the other, while ops run batches over all of them:
// suspend, resume, patch, retry, cancel, migrate to another version and on to a third, some paused
// in the middle. Whatever a batch says of an item must be what the histories say; no note is lost,
// doubled or out of order; and a permit lapses when it was to lapse, whichever version it has.
#include <algorithm>
#include <array>
#include <map>

#include "engine/runtime/ops/bulk.h"
#include "engine/types/json.h"
#include "tests/simulation/bank_file.h"
#include "tests/simulation/kinds_of.h"

namespace vozex::simulation {
namespace {

using ports::BatchItem;
using ports::BatchItemState;
using ports::BatchRow;
using ports::BatchState;
using runtime::BulkOperation;
using runtime::BulkOrder;
using simulated::Tables;
using types::Value;

// Where a permit lies is called otherwise in each version.
std::string permit_file(int version, const std::string& desk, const std::string& migrations) {
  return "vozex: 1\nworkflow: permit\nversion: " + std::to_string(version) + "\n" + migrations + R"(
key: input.name
input: {name: string}
output: {notes: list<int>}
data: {notes: {type: list<int>, default: []}, mark: {type: string, default: ''}}
policies: {short: {attempts: 2, backoff: 1s}}
events:
  permit.note: {data: {name: string, number: int}, match: event.data.name}
  permit.close: {data: {name: string}, match: event.data.name}
initial: )" +
         desk + "\nstates:\n  " + desk + R"(:
    on:
      permit.note: {set: {notes: "${data.notes + [event.data.number]}"}}
      permit.close: stamping
    after: {1h: lapsed}
  stamping:
    invoke: {call: bank.stamp, with: {order: "${input.name}"}, retry: short, on_done: closed}
  closed: {type: final, output: {notes: "${data.notes}"}}
  lapsed: {type: final, output: {notes: "${data.notes}"}}
)";
}

constexpr int k_permits = 24;
constexpr Duration k_arrival{std::chrono::minutes{2}};
constexpr Duration k_pause{std::chrono::seconds{60}};
constexpr Duration k_lapses{std::chrono::hours{1}};
constexpr Duration k_ops_begin{std::chrono::seconds{30}};
constexpr Duration k_ops_end{std::chrono::minutes{7}};
constexpr Duration k_tidying{std::chrono::minutes{10}};
constexpr Duration k_tidies{std::chrono::seconds{20}};
constexpr Duration k_glance{std::chrono::seconds{2}};
constexpr Duration k_second{std::chrono::seconds{1}};
constexpr std::array<std::uint32_t, 3> k_rates = {0, 2, 20};
// Of each process: what is under way when a batch is paused, and what one that stood still does
// when it wakes, before it looks.
constexpr std::size_t k_after_pause = 6;

std::string permit_name(std::uint64_t number) { return "permit-" + std::to_string(number); }

Value named(const std::string& name) { return Value::object({{"name", Value::string(name)}}); }

class Office final : public Kind {
 public:
  std::vector<std::string> files() const override {
    return {k_bank_file, permit_file(1, "filed", "")};
  }
  std::vector<std::string> later_files() const override {
    return {k_bank_file,
            permit_file(2, "open", "migrate: {from: 1, states: {filed: open}}"),
            permit_file(3, "filed", "migrate: [{from: 1}, {from: 2, states: {open: filed}}]")};
  }
  bool runs_batches() const override { return true; }

  void plan(World& world, Clients& clients) override {
    world_ = &world;
    for (std::uint64_t i = 0; i < k_permits; ++i) {
      notes_.push_back(2 + static_cast<int>(world.dice.below(4)));
      go_on(world, clients, i, 0, world.dice.between(Duration{0}, k_arrival));
    }
    const std::uint64_t batches = 5 + world.dice.below(5);
    for (std::uint64_t i = 0; i < batches; ++i) {
      world.agenda.in(world.dice.between(k_ops_begin, k_ops_end),
                      [this, &world] { order_something(world); });
    }
    world.agenda.in(k_tidying, [this, &world] { tidy(world); });
    compare(world);
  }

  bool is_waiting(const Tables&) const override {
    const auto rows = world_->batches.rows();
    return std::any_of(
        rows.begin(), rows.end(), [](const BatchRow& row) { return !is_ended(row.state); });
  }

  void judge(const World& world,
             const Clients& clients,
             const Tables& tables,
             std::vector<std::string>& violations) const override;

 private:
  void go_on(World& world, Clients& clients, std::uint64_t permit, int sent, Duration delay) {
    const std::string name = permit_name(permit);
    const int notes = notes_[permit];
    Message message;
    if (sent == 0) {
      message = {"start-" + name, "", "permit", named(name)};
    } else if (sent <= notes) {
      message = {"note-" + name + "-" + std::to_string(sent),
                 "permit.note",
                 "",
                 named(name).with("number", Value::integer(sent))};
    } else if (sent == notes + 1) {
      message = {"close-" + name, "permit.close", "", named(name)};
    } else {
      return;
    }
    message.then = [this, &world, &clients, permit, sent] {
      go_on(world, clients, permit, sent + 1, world.dice.between(Duration{0}, 2 * k_pause));
    };
    clients.send(delay, std::move(message));
  }

  // ---- ops ----

  ports::BatchId make(World& world, const BulkOrder& order, std::uint32_t rate) {
    BatchRow row;
    row.id.bytes = world.dice.new_instance_id(world.agenda.now()).bytes;
    row.tenant = "default";
    row.order = types::to_json(to_value(order));
    row.rate = rate;
    row.created_at = world.agenda.now();
    world.note("operator", "orders batch " + row.id.text() + ": " + row.order);
    world.batches.create(row);
    return row.id;
  }

  BulkOrder order_of(BulkOperation operation) const {
    BulkOrder order;
    order.operation = operation;
    order.query.workflow = "permit";
    order.actor = {"ann", {"ops"}};
    order.reason = "because";
    return order;
  }

  void order_something(World& world) {
    Dice& dice = world.dice;
    static constexpr std::array k_operations = {BulkOperation::suspend,
                                                BulkOperation::resume,
                                                BulkOperation::patch,
                                                BulkOperation::retry,
                                                BulkOperation::cancel,
                                                BulkOperation::migrate,
                                                BulkOperation::migrate,
                                                BulkOperation::migrate};
    BulkOrder order = order_of(k_operations[dice.below(k_operations.size())]);
    order.to_version = order.operation == BulkOperation::migrate
                           ? 2 + static_cast<std::uint32_t>(dice.below(2))
                           : 0;
    if (order.operation == BulkOperation::patch)
      order.data = Value::object({{"mark", Value::string(std::to_string(dice.below(100)))}});
    if (order.operation == BulkOperation::cancel)
      order.query.key = permit_name(dice.below(k_permits));
    if (order.operation == BulkOperation::suspend && dice.chance(0.3)) order.query.version = 1;
    const ports::BatchId id = make(world, order, k_rates[dice.below(k_rates.size())]);
    if (dice.chance(0.5)) interrupt(world, id);
  }

  static void interrupt(World& world, const ports::BatchId& id) {
    const bool for_good = world.dice.chance(0.3);
    world.agenda.in(world.dice.between(Duration{0}, 6 * k_second), [&world, id, for_good] {
      world.note("operator", "pauses batch " + id.text());
      world.batches.change(id, BatchState::paused);
      world.agenda.in(k_pause, [&world, id, for_good] {
        world.batches.change(id, for_good ? BatchState::cancelled : BatchState::running);
      });
    });
  }

  // In the end all goes on.
  void tidy(World& world) {
    world.agenda.in(k_tidies, [this, &world] { tidy(world); });
    bool running = false;
    for (const BatchRow& row : world.batches.rows()) {
      running = running || !is_ended(row.state);
      if (row.state == BatchState::paused) world.batches.change(row.id, BatchState::running);
    }
    if (running) return;
    bool suspended = false;
    bool held = false;
    world.database.inspect([&](const Tables& tables) {
      for (const auto& [key, row] : tables.live) {
        suspended = suspended || row.life == machine::Life::suspended;
        held = held || row.life == machine::Life::held;
      }
      return 0;
    });
    if (suspended) {
      BulkOrder order = order_of(BulkOperation::resume);
      order.query.life = machine::Life::suspended;
      make(world, order, 0);
    }
    if (held) {
      BulkOrder order = order_of(BulkOperation::retry);
      order.query.incident = true;
      make(world, order, 20);
    }
  }

  static void compare(World& world) {
    world.agenda.in(k_glance, [&world] { compare(world); });
    world.database.inspect([&](const Tables& tables) {
      for (const auto& [key, row] : tables.live) {
        const bool waits = row.state == "filed" || row.state == "open";
        if (!waits || row.life != machine::Life::running) continue;
        if (row.timer_at != row.started_at + k_lapses)
          world.witness.say("deadline: that of " + row.key + " has moved");
      }
      return 0;
    });
  }

  World* world_ = nullptr;
  std::vector<int> notes_;
};

// How often each instance took the order of a batch.
using Taken = std::map<InstanceId, int>;

std::map<std::string, Taken> taken_orders(const Tables& tables) {
  std::map<std::string, Taken> taken;  // by source
  for (const auto& [key, row] : tables.history) {
    const auto entry = types::parse_json(row.entry);
    const Value* event = entry ? entry->find("event") : nullptr;
    if (event != nullptr && event->text_at("source").starts_with("batch:"))
      ++taken[std::string(event->text_at("source"))][row.id];
  }
  return taken;
}

class Auditor {
 public:
  Auditor(const World& world,
          const BatchRow& row,
          const Taken& taken,
          std::vector<std::string>& violations)
      : world_(world),
        row_(row),
        order_(*runtime::parse_bulk_order(row.order)),
        taken_(taken),
        violations_(violations) {
    for (const BatchItem& item : world_.batches.items(row.id)) items_[item.instance] = item;
  }

  void look() {
    if (!is_ended(row_.state)) say("has not ended");
    for (const auto& [id, item] : items_) look_at(item);
    for (const auto& [id, times] : taken_) {
      if (times > 1) say("did it to " + id.text() + " twice");
      if (!items_.contains(id)) say("did it to " + id.text() + ", which it does not list");
    }
    if (row_.listed) {
      for (const InstanceId& id : world_.batches.watched(row_.id).must_find)
        if (!items_.contains(id)) say("has overlooked " + id.text());
    }
    if (row_.total != items_.size()) say("has another count of items");
    if (row_.applied != counted(BatchItemState::applied) ||
        row_.refused != counted(BatchItemState::refused) ||
        row_.failed != counted(BatchItemState::failed))
      say("has other counts than its items");
    const WatchedBatch& watched = world_.batches.watched(row_.id);
    if (row_.rate > 0 && watched.steps_when_resumed > watched.steps_when_paused + k_after_pause)
      say("went on while it was paused");
  }

 private:
  void say(const std::string& text) {
    violations_.push_back("batch: the batch " + std::string(to_string(order_.operation)) + " " +
                          row_.id.text() + " " + text);
  }
  std::size_t counted(BatchItemState state) const {
    return static_cast<std::size_t>(
        std::count_if(items_.begin(), items_.end(), [&](const auto& item) {
          return item.second.state == state;
        }));
  }

  void look_at(const BatchItem& item) {
    const auto found = taken_.find(item.instance);
    const bool took = found != taken_.end();
    const std::string name = item.instance.text();
    // A retry sends calls, which is no order to the instance when it isn't held.
    const bool is_order = order_.operation != BulkOperation::retry;
    switch (item.state) {
      case BatchItemState::waiting:
        if (row_.state == BatchState::done) say("has no result for " + name);
        return;
      case BatchItemState::applied:
        if (!took && is_order) say("says that it did it to " + name + ", and did not");
        return;
      case BatchItemState::refused:
        if (took) say("says that " + name + " refused, and it took it");
        if (item.code.empty()) say("does not say why " + name + " refused");
        return;
      case BatchItemState::failed:
        if (item.code.empty()) say("does not say what failed at " + name);
        return;
    }
  }

  const World& world_;
  const BatchRow& row_;
  BulkOrder order_;
  const Taken& taken_;
  std::map<InstanceId, BatchItem> items_;
  std::vector<std::string>& violations_;
};

void Office::judge(const World& world,
                   const Clients& /*clients*/,
                   const Tables& tables,
                   std::vector<std::string>& violations) const {
  const auto taken = taken_orders(tables);
  Taken cancelled;
  for (const BatchRow& row : world.batches.rows()) {
    const auto found = taken.find("batch:" + row.id.text());
    const Taken of_batch = found == taken.end() ? Taken{} : found->second;
    Auditor(world, row, of_batch, violations).look();
    if (runtime::parse_bulk_order(row.order)->operation == BulkOperation::cancel)
      cancelled.insert(of_batch.begin(), of_batch.end());
  }
  for (const auto& [key, row] : tables.finished) {
    if (row.life == machine::Life::cancelled) {
      if (!cancelled.contains(row.id)) violations.push_back("batch: nobody cancelled " + row.key);
      continue;
    }
    if (row.state != "closed") violations.push_back("state: " + row.key + " is " + row.state);
    std::string wanted;
    const int notes = notes_[std::stoul(row.key.substr(row.key.find('-') + 1))];
    for (int i = 1; i <= notes; ++i) wanted += (i == 1 ? "" : ",") + std::to_string(i);
    if (row.output != "{\"notes\":[" + wanted + "]}")
      violations.push_back("order: the notes of " + row.key + " are " + row.output);
  }
}

}  // namespace

std::unique_ptr<Kind> make_office() { return std::make_unique<Office>(); }

}  // namespace vozex::simulation

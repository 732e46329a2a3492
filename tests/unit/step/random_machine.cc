// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/step/random_machine.h"

#include "tests/unit/step/machine_builder.h"

namespace vozex::testing {
namespace {

using machine::Outcome;
using machine::StateKind;

class Maker {
 public:
  explicit Maker(std::mt19937& dice) : dice_(dice) {}

  machine::Machine make() {
    b_.data("n", "0").data("m", "{}").data("l", "[1, 2]").data("o", "null");
    add_children("", 3);
    const std::vector<std::string> all = states_;
    for (const std::string& state : all) decorate(state);
    for (const std::string& state : containers_) add_history_default(state);
    if (chance(30)) b_.errors(machine::ErrorMode::event);
    if (chance(30)) b_.invariant("small", "data.n < 40");
    if (chance(40)) b_.alias("n", "string(data.n)");
    if (chance(30))
      b_.unhandled("a",
                   pick<machine::Unhandled>({machine::Unhandled::defer,
                                             machine::Unhandled::reject,
                                             machine::Unhandled::incident}));
    return b_.build();
  }

 private:
  bool chance(int percent) { return static_cast<int>(dice_() % 100) < percent; }
  std::size_t below(std::size_t bound) { return dice_() % bound; }
  template <class T>
  T pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }

  void add_children(const std::string& above, int depth) {
    const std::size_t count = 2 + below(3);
    for (std::size_t i = 0; i < count; ++i) {
      const std::string path =
          (above.empty() ? "" : above + ".") + std::string(1, static_cast<char>('a' + i));
      const bool inner = depth > 0 && states_.size() < 25 && chance(35);
      states_.push_back(path);
      if (inner) {
        const bool parallel = chance(40);
        b_.state(path, parallel ? StateKind::parallel : StateKind::compound);
        add_children(path, depth - 1);
        if (parallel || !chance(50)) continue;
        b_.state(path + ".h", chance(50) ? StateKind::history_deep : StateKind::history_shallow);
        histories_.push_back(path + ".h");
        containers_.push_back(path);
      } else if (i + 1 == count && chance(40)) {
        b_.final_state(path,
                       pick<Outcome>({Outcome::completed, Outcome::failed}),
                       chance(50) ? "{'n': data.n}" : "");
        finals_.push_back(path);
      } else {
        b_.state(path);
      }
    }
  }

  void add_history_default(const std::string& container) {
    b_.initial(container + ".h", {container + ".a"});
  }

  std::string guard() {
    return pick<std::string>({"",
                              "",
                              "",
                              "data.n > 2",
                              "data.n % 2 == 0",
                              "10 / data.n > 1",
                              "in_state('a')",
                              "data.m.k == 1",
                              "data.l.size() < 6"});
  }

  machine::Block block() {
    machine::Block actions;
    const std::size_t count = below(3);
    for (std::size_t i = 0; i < count; ++i) {
      switch (below(11)) {
        case 0: actions.push_back(set("n", "data.n + 1")); break;
        case 1: actions.push_back(set("n", "data.n / data.n")); break;
        case 2: actions.push_back(set_at("m", "'k'", "data.n")); break;
        case 3: actions.push_back(set_at("l", "data.n", "7")); break;
        case 4: actions.push_back(raise(pick(events_))); break;
        case 5: actions.push_back(emit("told", "{'n': data.n}")); break;
        case 6: actions.push_back(log("x")); break;
        case 7: actions.push_back(reply("{'n': data.n}")); break;
        case 8: actions.push_back(send(pick(events_), "duration('5s')", "id")); break;
        case 9: actions.push_back(cancel_send("id")); break;
        default: actions.push_back(set("l", "data.l + [data.n]")); break;
      }
    }
    if (!actions.empty() && chance(15)) actions.front().for_each = program("data.l");
    return actions;
  }

  // Several targets only where they are sure to fit together: here never.
  Arrow arrow() {
    Arrow arrow;
    arrow.when = guard();
    arrow.actions = block();
    if (chance(80))
      arrow.to = {chance(12) && !histories_.empty() ? pick(histories_) : pick(states_)};
    arrow.reenter = chance(50);
    return arrow;
  }

  void decorate(const std::string& state) {
    if (std::find(finals_.begin(), finals_.end(), state) != finals_.end()) return;
    for (const std::string& event : events_) {
      if (chance(25)) b_.on(state, event, arrow());
      if (chance(6)) b_.on(state, event, {.defer = true});
    }
    if (chance(5)) b_.on(state, "*", arrow());
    if (chance(8)) b_.on(state, "error.execution", arrow());
    if (chance(12)) {
      Arrow eventless = arrow();
      if (eventless.when.empty()) eventless.when = "data.n > 3";
      b_.always(state, eventless);
    }
    if (chance(30)) b_.on_done(state, arrow());
    if (chance(30)) b_.on_entry(state, block());
    if (chance(20)) b_.on_exit(state, block());
    if (chance(20))
      b_.after(state,
               pick<std::string>(
                   {"duration('10s')", "duration(string(data.n) + 's')", "now", "data.m.gone"}),
               arrow());
    if (chance(10)) b_.every(state, "duration('7s')", arrow());
    if (chance(10)) b_.task(state, "duration('1m')", arrow());
    if (chance(20)) b_.status(state, pick<std::string>({"'w'", "string(data.n)"}));
    if (chance(15))
      b_.action(state,
                {.name = "act",
                 .when = guard(),
                 .approvals = static_cast<std::uint16_t>(1 + below(2)),
                 .arrows = {arrow()}});
    if (chance(30)) add_invoke(state);
  }

  void add_invoke(const std::string& state) {
    MachineBuilder::Invoke invoke;
    invoke.id = "i" + std::to_string(invokes_++);
    const std::size_t kind = below(5);
    if (kind == 0) invoke.workflow = "'kid'";
    if (kind == 1) invoke.compensate_all = true;
    if (kind >= 2 && chance(50)) {
      invoke.compensate = "pay.undo";
      invoke.compensate_with = "{'r': result}";
    }
    if (chance(50)) invoke.with = pick<std::string>({"{'n': data.n}", "{'n': 1 / data.n}"});
    if (kind != 1 && chance(40)) {
      invoke.for_each = "data.l";
      invoke.limit = static_cast<std::uint32_t>(below(3));
      invoke.join =
          pick<machine::Join>({machine::Join::all, machine::Join::any, machine::Join::expression});
      invoke.join_when = "invoked." + invoke.id + ".exists(x, x.status == 'done')";
    }
    invoke.read_only = chance(30);
    if (chance(70)) invoke.on_done = {arrow()};
    if (chance(50)) invoke.on_error = {arrow()};
    if (chance(30)) invoke.on_each = {arrow()};
    b_.invoke(state, invoke);
  }

  std::mt19937& dice_;
  MachineBuilder b_;
  std::vector<std::string> states_;
  std::vector<std::string> finals_;
  std::vector<std::string> histories_;
  std::vector<std::string> containers_;
  std::vector<std::string> events_{"a", "b", "c", "d"};
  int invokes_ = 0;
};

machine::CallEnded random_end(std::mt19937& dice, const Walk& walk) {
  machine::CallEnded ended;
  if (!walk.calls.empty()) ended.call = walk.calls[dice() % walk.calls.size()].id;
  ended.ok = dice() % 3 != 0;
  ended.result = json(R"({"ref":1})");
  ended.error.code = dice() % 4 == 0 ? "outcome_unknown" : dice() % 2 == 0 ? "withdrawn" : "no";
  return ended;
}

machine::ChildEnded random_child_end(std::mt19937& dice, const Walk& walk) {
  machine::ChildEnded ended;
  if (!walk.children.empty()) {
    const machine::StartChild& child = walk.children[dice() % walk.children.size()];
    ended.of = child.of;
    ended.child = child.child;
  }
  ended.ok = dice() % 2 == 0;
  ended.final = dice() % 2 == 0;
  ended.error.code = "no";
  return ended;
}

machine::Cause random_operation(std::mt19937& dice, const Walk& walk) {
  const auto& states = walk.machine.states;
  switch (dice() % 5) {
    case 0: return machine::Resumed{};
    case 1: return machine::Suspended{};
    case 2: return machine::Moved{states[dice() % states.size()].path, {}, ""};
    case 3: return machine::Moved{"", {}, ""};
    default: return machine::Patched{json(R"({"n":1})"), {}, ""};
  }
}

}  // namespace

machine::Machine random_machine(std::mt19937& dice) { return Maker(dice).make(); }

machine::Event random_event(std::mt19937& dice, const Walk& walk) {
  machine::Event event;
  event.id = std::to_string(dice());
  event.source = "test";
  event.name = std::string(1, static_cast<char>('a' + dice() % 5));
  event.time = walk.now;
  event.data = types::Value::map({});
  const auto what = dice() % 20;
  if (what == 0) {
    event.name = "cancel";
  } else if (what <= 5) {
    const auto due = next_timer(walk.machine, walk.snapshot);
    event.name = "timer";
    event.cause = due ? *due : machine::TimerDue{"a", 0, 1, walk.now};
  } else if (what <= 10) {
    event.name = "call";
    event.cause = random_end(dice, walk);
  } else if (what == 11) {
    event.name = "child";
    event.cause = random_child_end(dice, walk);
  } else if (what == 12) {
    event.name = "action.act";
    event.cause =
        machine::ActionTaken{"act", {dice() % 2 == 0 ? "ann" : "bob", {}}, types::Value()};
  } else if (what == 13) {
    event.name = "ops";
    event.cause = random_operation(dice, walk);
  }
  return event;
}

}  // namespace vozex::testing

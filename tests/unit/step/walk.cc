// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/step/walk.h"

#include <gtest/gtest.h>

#include "engine/machine/codec.h"
#include "engine/types/json.h"

namespace vozex::testing {
namespace {

using types::Value;

const Value& no_config() {
  static const Value k_none = Value::map({});
  return k_none;
}

std::string text_of(const machine::Machine& machine, const machine::Snapshot& snapshot) {
  const machine::StoredSnapshot stored = encode(machine, snapshot);
  return stored.input + stored.data + stored.rt + to_string(snapshot.life) + snapshot.key +
         format_timestamp(snapshot.at) + std::to_string(snapshot.seq);
}

std::string bytes_of(const machine::Machine& machine,
                     const machine::Snapshot& before,
                     const machine::Event& event,
                     const StepOutcome& out) {
  return text_of(machine, out.next) + out.rejection.code +
         encode_history(machine,
                        earlier(machine, before),
                        out.next,
                        event,
                        out.disposition,
                        out.explanation,
                        out.effects);
}

// A snapshot whose data nobody else holds, so that a step may write into it.
machine::Snapshot alone(machine::Snapshot snapshot) {
  if (snapshot.data.is_map()) snapshot.data = Value::map(Value::Map(snapshot.data.as_map()));
  return snapshot;
}

StepOutcome in_place(const machine::Machine& machine,
                     machine::Snapshot snapshot,
                     const machine::Event& event,
                     Timestamp now) {
  StepOutcome out;
  out.next = std::move(snapshot);
  step_in_place(out, machine, out.next, event, now, no_config());
  return out;
}

void expect_survives_storing(const machine::Machine& machine, const machine::Snapshot& snapshot) {
  const machine::StoredSnapshot stored = encode(machine, snapshot);
  machine::Snapshot back = snapshot;
  const auto decoded = decode(machine, stored, back);
  ASSERT_TRUE(decoded) << decoded.error().message << "\n" << stored.rt;
  EXPECT_EQ(encode(machine, back).rt, stored.rt);
  EXPECT_EQ(back.configuration, snapshot.configuration);
}

}  // namespace

Value json(const std::string& text) {
  auto value = types::parse_json(text);
  EXPECT_TRUE(value) << text;
  return value ? *value : Value();
}

bool is_legal(const machine::Machine& machine, const machine::Snapshot& snapshot) {
  if (snapshot.configuration.empty()) return true;
  const auto count = [&](const machine::State& state) {
    std::size_t active = 0;
    for (const machine::StateIndex child : state.children)
      active += snapshot.is_active(child) ? 1u : 0u;
    return active;
  };
  const auto fits = [&](const machine::State& state) {
    if (state.kind == machine::StateKind::compound) return count(state) == 1;
    if (state.kind == machine::StateKind::parallel) return count(state) == state.children.size();
    return true;
  };
  if (!fits(machine.states[machine::k_root])) return false;
  for (const machine::StateIndex index : snapshot.configuration) {
    const machine::State& state = machine.states[index];
    if (!fits(state)) return false;
    if (state.kind == machine::StateKind::history_deep ||
        state.kind == machine::StateKind::history_shallow)
      return false;
    if (state.parent != machine::k_root && !snapshot.is_active(state.parent)) return false;
  }
  return true;
}

Walk::Walk(machine::Machine built, Value input)
    : machine(std::move(built)), now(*parse_timestamp("2026-01-01T00:00:00Z")) {
  StartRequest request;
  request.id.bytes[15] = 7;
  request.root = request.id;
  request.tenant = "default";
  request.input = std::move(input);
  auto started = start(machine, request, now, no_config());
  if (!started) {
    ADD_FAILURE() << "start: " << started.error().code << ": " << started.error().message;
    return;
  }
  out = *std::move(started);
  note();
}

// What the last step did, for failures.
std::string Walk::told() const {
  std::string text;
  for (const auto& path : out.explanation.exited) text += "-" + path + " ";
  for (const auto& path : out.explanation.entered) text += "+" + path + " ";
  for (const machine::TransitionIndex index : out.explanation.taken) {
    const machine::Transition& transition = machine.transitions[index];
    text += "\n" + machine.states[transition.source].path + (transition.reenter ? " =>" : " ->");
    for (const machine::StateIndex target : transition.targets)
      text += " " + machine.states[target].path;
  }
  return text;
}

void Walk::note() {
  snapshot = out.next;
  EXPECT_TRUE(is_legal(machine, snapshot)) << state() << "\n" << told();
  expect_survives_storing(machine, snapshot);
  for (const auto& call : effects<machine::StartCall>()) calls.push_back(call);
  for (const auto& child : effects<machine::StartChild>()) children.push_back(child);
}

Walk& Walk::take(const machine::Event& event) {
  const machine::Snapshot before = snapshot;
  out = step(machine, before, event, now, no_config());
  const StepOutcome again = step(machine, before, event, now, no_config());
  EXPECT_EQ(bytes_of(machine, before, event, out), bytes_of(machine, before, event, again));
  const StepOutcome owned = in_place(machine, alone(before), event, now);
  EXPECT_EQ(bytes_of(machine, before, event, out), bytes_of(machine, before, event, owned));
  if (owned.disposition == machine::Disposition::rejected) {
    EXPECT_EQ(text_of(machine, owned.next), text_of(machine, before)) << "undone";
  }
  EXPECT_EQ(out.next.seq, before.seq + (out.disposition == machine::Disposition::rejected ? 0 : 1));
  note();
  return *this;
}

std::string Walk::state() const { return state_text(machine, snapshot); }
std::string Walk::text() const { return types::to_json(snapshot.data); }

std::vector<std::string> Walk::logs() const {
  std::vector<std::string> texts;
  for (const auto& line : effects<machine::LogLine>()) texts.push_back(line.text);
  return texts;
}

std::vector<std::string> Walk::emits() const {
  std::vector<std::string> texts;
  for (const auto& emit : effects<machine::Emit>())
    texts.push_back(emit.event + " " + types::to_json(emit.data));
  return texts;
}

Walk& Walk::event(const std::string& name, Value data) {
  machine::Event event;
  event.id = "e" + std::to_string(snapshot.seq);
  event.source = "test";
  event.name = name;
  event.time = now;
  event.data = std::move(data);
  return take(event);
}

Walk& Walk::cause(machine::Cause cause, const std::string& name) {
  machine::Event event;
  event.id = "c" + std::to_string(snapshot.seq);
  event.source = name;
  event.name = name;
  event.time = now;
  event.cause = std::move(cause);
  return take(event);
}

Walk& Walk::advance(Duration by) {
  const Timestamp until = now + by;
  for (int fired = 0; fired < 1000; ++fired) {
    const auto due = next_timer(machine, snapshot);
    if (!due || due->due > until) break;
    now = std::max(now, due->due);
    cause(*due, "timer");
  }
  now = until;
  return *this;
}

Walk& Walk::finish(const CallId& call, Value result) {
  machine::CallEnded ended;
  ended.call = call;
  ended.ok = true;
  ended.result = std::move(result);
  return cause(ended, "call");
}

Walk& Walk::fail(const CallId& call, const std::string& code) {
  machine::CallEnded ended;
  ended.call = call;
  ended.error.code = code;
  ended.error.message = "it said " + code;
  ended.error.attempts = 1;
  return cause(ended, "call");
}

Walk& Walk::child_done(const machine::StartChild& child, Value result, bool final) {
  machine::ChildEnded ended;
  ended.of = child.of;
  ended.child = child.child;
  ended.ok = true;
  ended.final = final;
  ended.result = std::move(result);
  return cause(ended, "child");
}

Walk& Walk::child_failed(const machine::StartChild& child, const std::string& code) {
  machine::ChildEnded ended;
  ended.of = child.of;
  ended.child = child.child;
  ended.final = true;
  ended.error.code = code;
  return cause(ended, "child");
}

Walk& Walk::act(const std::string& action,
                const std::string& actor,
                std::vector<std::string> roles,
                Value form) {
  machine::ActionTaken taken;
  taken.name = action;
  taken.actor = {actor, std::move(roles)};
  taken.form = std::move(form);
  return cause(taken, "action." + action);
}

}  // namespace vozex::testing

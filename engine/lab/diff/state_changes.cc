// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/diff/comparison.h"
#include "engine/machine/migration.h"

namespace vozex::lab {
namespace {

using machine::k_no_state;
using machine::State;
using machine::StateIndex;
using machine::StateKind;

const char* kind_word(StateKind kind) {
  switch (kind) {
    case StateKind::atomic: return "atomic";
    case StateKind::compound: return "compound";
    case StateKind::parallel: return "parallel";
    case StateKind::final: return "final";
    case StateKind::history_shallow: return "history";
    case StateKind::history_deep: return "deep history";
  }
  return "";
}

// Where the new file's `migrate:` says that instances of the old state go, when it says so.
const State* led_state(const Comparison& comparison, const State& state) {
  if (comparison.migration == nullptr) return nullptr;
  const std::string path = machine::migrated_path(*comparison.migration, state.path);
  if (path == state.path) return nullptr;
  const StateIndex index = comparison.after.find_state(path);
  return index == k_no_state ? nullptr : &comparison.after.states[index];
}

void removed(Comparison& comparison, const State& state) {
  const State* to = led_state(comparison, state);
  const std::string subject = "state " + state.path;
  if (!can_rest_in(state)) {
    comparison.add(Impact::none, "state_removed", subject, "removed", "", state.span.line);
    return;
  }
  if (to != nullptr) {
    comparison
        .add(Impact::live,
             "state_removed",
             subject,
             "removed, its instances go to " + to->path,
             "",
             state.span.line)
        .handled = true;
    return;
  }
  comparison.add(Impact::breaking,
                 "state_removed",
                 subject,
                 "removed",
                 "instances that stand in it have nowhere to go: `migrate: {states: {" +
                     state.path + ": ...}}`",
                 state.span.line);
}

// Under another path: because an ancestor has it, because it was guessed, or because the file says.
void renamed(Comparison& comparison, const State& before, const State& after) {
  const State* led = led_state(comparison, before);
  const bool handled = led != nullptr && led->index == after.index;
  const bool matters = can_rest_in(before);
  const std::string old_parent = before.path.substr(0, before.path.size() - before.id.size());
  const std::string new_parent = after.path.substr(0, after.path.size() - after.id.size());
  const bool moved = before.id == after.id && old_parent != new_parent;
  comparison
      .add(!matters  ? Impact::none
           : handled ? Impact::live
                     : Impact::breaking,
           moved ? "state_moved" : "state_renamed",
           "state " + before.path,
           (handled ? "is now " : "seems to be now ") + after.path,
           matters && !handled ? "instances that stand in it need `migrate: {states: {" +
                                     before.path + ": " + after.path + "}}`"
                               : "",
           after.span.line)
      .handled = handled;
}

void compare_kinds(Comparison& comparison, const State& before, const State& after) {
  if (before.kind == after.kind) return;
  const bool lost = before.kind == StateKind::atomic &&
                    (after.kind == StateKind::compound || after.kind == StateKind::parallel);
  const State* led = led_state(comparison, before);
  const bool handled = lost && led != nullptr && can_rest_in(*led);
  comparison
      .add(lost && !handled ? Impact::breaking : Impact::live,
           "state_kind_changed",
           "state " + after.path,
           std::string(kind_word(before.kind)) + " -> " + kind_word(after.kind),
           lost ? "instances that stand in it are in none of its substates: `migrate: {states: {" +
                      before.path + ": ...}}` names one"
                : "",
           after.span.line)
      .handled = handled;
}

void compare_regions(Comparison& comparison, const State& after) {
  for (const StateIndex child : after.children) {
    if (comparison.pairs.to_old[child] != k_no_state) continue;
    comparison.add(Impact::breaking,
                   "region_added",
                   "state " + comparison.after.states[child].path,
                   "a further region",
                   "an instance that stands in the other regions can't migrate: it is in none of "
                   "this one's states",
                   comparison.after.states[child].span.line);
  }
}

void added(Comparison& comparison, const State& state) {
  const StateIndex parent = comparison.pairs.to_old[state.parent];
  const bool region = comparison.after.states[state.parent].kind == StateKind::parallel;
  if (region && parent != k_no_state) return;  // compare_regions() says it
  comparison.add(Impact::none,
                 "state_added",
                 "state " + state.path,
                 kind_word(state.kind),
                 "",
                 state.span.line);
}

}  // namespace

bool can_rest_in(const State& state) {
  return state.kind == StateKind::atomic ||
         (state.kind == StateKind::final && state.parent != machine::k_root);
}

void compare_states(Comparison& comparison) {
  for (const State& before : comparison.before.states) {
    const StateIndex to = comparison.pairs.to_new[before.index];
    if (to == k_no_state) {
      removed(comparison, before);
      continue;
    }
    const State& after = comparison.after.states[to];
    if (before.path != after.path) renamed(comparison, before, after);
    compare_kinds(comparison, before, after);
    if (before.kind == StateKind::parallel && after.kind == StateKind::parallel)
      compare_regions(comparison, after);
    compare_behaviour(comparison, before, after);
    compare_work(comparison, before, after);
  }
  for (const State& after : comparison.after.states) {
    if (comparison.pairs.to_old[after.index] == k_no_state) added(comparison, after);
  }
}

}  // namespace vozex::lab

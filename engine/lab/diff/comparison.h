// SPDX-License-Identifier: Apache-2.0
//
// Comparison: what the parts of a diff share while it is made. Internal to engine/lab/diff.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "engine/lab/diff/diff.h"
#include "engine/lab/diff/renames.h"
#include "engine/lab/diff/shapes.h"

namespace vozex::lab {

struct Comparison {
  const machine::Machine& before;
  const machine::Machine& after;
  const machine::Migration* migration;  // of `after`, from the version of `before`; or null
  StatePairs pairs;
  Diff diff;

  Change& add(Impact impact,
              std::string kind,
              std::string subject,
              std::string text,
              std::string meaning,
              std::uint32_t line);
  // A change of something that has a text on both sides; nothing when they are equal.
  void changed(Impact impact,
               const std::string& kind,
               const std::string& subject,
               const std::string& was,
               const std::string& is,
               const std::string& meaning,
               std::uint32_t line);
};

// Version, key, aliases, types, config, invariants: contract.cc, which has the following made.
void compare_contracts(Comparison& comparison);
// events.cc, starts.cc.
void compare_events(Comparison& comparison);
void compare_starts(Comparison& comparison);
// States: state_changes.cc.
void compare_states(Comparison& comparison);
// Of one state: timers and transitions (behaviour.cc); invokes, tasks, actions, entry and exit
// (work_changes.cc).
void compare_behaviour(Comparison& comparison,
                       const machine::State& before,
                       const machine::State& after);
void compare_work(Comparison& comparison,
                  const machine::State& before,
                  const machine::State& after);
// The block that would bring instances over: migrate_block.cc.
std::string migrate_block(const Comparison& comparison);

// The end of a change's kind: "_added", "_removed" or "_changed".
const char* ending_of(FieldChange change);
// What a file calls a choice whose words are in the order of its values.
template <class Choice>
std::string word(std::span<const std::string_view> words, Choice choice) {
  return std::string(words[static_cast<std::size_t>(choice)]);
}
// Invokes without an id of their own are named after their state's path, which may change: "#0".
std::string own_id(const machine::State& state, const std::string& id);
// The path; "everywhere" for the root.
std::string name_of(const machine::State& state);
// Where an instance can stand.
bool can_rest_in(const machine::State& state);

}  // namespace vozex::lab

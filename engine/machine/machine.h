// SPDX-License-Identifier: Apache-2.0
//
// Machine: a compiled workflow definition. Immutable, shared by all instances of its version, and
// the only thing that step() and the runtime know of a YAML file. States, transitions, timers and
// invokes are arrays in document order, addressed by index: an index is an identity within one
// machine and never leaves the process (stored snapshots name states by path). Vocabulary and
// meaning are W3C SCXML's. Thread rule: immutable once built. Built by engine/language; tests:
// tests/unit/language, tests/unit/step.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/expr/expr.h"
#include "engine/machine/declarations.h"
#include "engine/machine/scope.h"
#include "engine/machine/state.h"
#include "engine/types/type.h"

namespace vozex::machine {

// Named inputs of the file that the machine was compiled from; stored with a deployment.
struct SourceFile {
  std::string name;
  std::string text;
};

struct Machine {
  std::string workflow;
  std::uint32_t version = 1;
  std::string title;
  std::string doc;
  std::string content_hash;  // SHA-256 hex over the file and everything it imports
  std::vector<SourceFile> sources;

  types::TypeRef input;   // object
  types::TypeRef output;  // object, or null when nothing is declared
  types::TypeRef data;    // object
  types::TypeRef config;  // object
  std::vector<DataField> data_fields;
  // Fields of `input` whose default is an expression over input.
  std::vector<DataField> input_defaults;
  expr::ProgramRef key;       // string; null: the instance id is the key
  bool key_reusable = false;  // `reuse: after_end`
  std::vector<std::pair<std::string, std::string>> status_words;  // word, what people read
  std::vector<AliasDecl> aliases;
  std::vector<EventDecl> events;  // sorted by name
  std::vector<AliasDecl> search;  // `search:` fields, same shape
  std::vector<StartRule> start_rules;
  std::vector<StartSchedule> start_schedules;
  Sender start_from = Sender::anybody;  // `start: from:`; rules and schedules aren't asked
  std::vector<Invariant> invariants;
  std::vector<Property> properties;
  std::vector<Migration> migrations;
  ErrorMode errors = ErrorMode::incident;

  std::vector<State> states;  // [0] is the root; document order
  std::vector<Transition> transitions;
  std::vector<TimerDecl> timers;
  std::vector<InvokeDecl> invokes;
  std::vector<ManualAction> actions;
  std::vector<TaskDecl> tasks;

  const EventDecl* find_event(std::string_view name) const;
  // By dotted path; k_no_state when there is none.
  StateIndex find_state(std::string_view path) const;
  bool is_descendant(StateIndex state, StateIndex ancestor) const {
    return state > ancestor && state < states[ancestor].end;
  }
};

using MachineRef = std::shared_ptr<const Machine>;

// "payment.*" matches "payment.succeeded" by whole tokens; "*" takes all but error.*, done.* and
// cancel.
bool event_matches(std::string_view descriptor, std::string_view event);

}  // namespace vozex::machine

// SPDX-License-Identifier: Apache-2.0
//
// Unit: one workflow while it is compiled: what has been read of its file so far, and the machine
// that comes of it. Stages fill it in this order: header, states_outline, declarations, state_body,
// checks. Used by one thread.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/language/library.h"
#include "engine/language/scope.h"
#include "engine/machine/machine.h"

namespace vozex::language {

// An event that the file declares under `events:` or imports.
struct KnownEvent {
  types::TypeRef data;      // null: nobody declared a type
  bool own = false;         // stands under this file's `events:`
  bool has_policy = false;  // says `unhandled:` itself
  Span span;                // of the declaration, when own
};

// A transition's event as the file writes it.
struct HandledEvent {
  std::string descriptor;
  machine::StateIndex state = machine::k_no_state;
  Span span;
};

struct EmittedEvent {
  std::string name;
  Span span;
};

// A call that says `retry` itself.
struct RetriedCall {
  machine::OperationRef operation;
  std::uint16_t attempts = 0;
  Span span;  // of `retry`
};

struct Unit {
  Unit(Document& file, Library& all)
      : document(file),
        library(all),
        report(file.report),
        root(*file.root),
        machine(std::make_shared<machine::Machine>()) {}

  Document& document;
  Library& library;
  Report& report;
  const Node& root;
  std::shared_ptr<machine::Machine> machine;

  TypeTable types;
  std::vector<std::string> imports;
  std::map<std::string, KnownEvent, std::less<>> events;
  Policies policies;
  Names names;
  std::vector<DeclaredField> data_fields;
  std::vector<DeclaredField> input_fields;
  std::set<std::string, std::less<>> used_adapters;
  std::set<std::string, std::less<>> missing_adapters;  // said once each

  std::vector<const Node*> state_nodes;  // by state index; the root's is the file's
  std::vector<Span> state_spans;         // of the states' names
  std::map<std::string, Span, std::less<>> invoke_ids;

  std::set<std::string, std::less<>> raised;  // internal events of `raise` and `send to: self`
  std::vector<HandledEvent> handled;
  std::vector<EmittedEvent> emitted;
  std::vector<RetriedCall> retried;
};

}  // namespace vozex::language

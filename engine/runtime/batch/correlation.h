// SPDX-License-Identifier: Apache-2.0
//
// Correlation: which instances an event means. Every newest workflow that declares the event looks
// for it by its own forms of `match`; in each, the first form that has a value and a live holder
// wins. Pure: keys in, holders out; loading is the batch's business. Tests: tests/unit/runtime.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/machine/event.h"
#include "engine/runtime/batch/key_view.h"
#include "engine/runtime/definitions/definitions.h"

namespace vozex::runtime {

// The binding of an alias of a workflow, or of its business key (alias "").
ports::BindingKey binding_of(const std::string& tenant,
                             const std::string& workflow,
                             const std::string& alias,
                             const std::string& key);

// Where events wait whose name no workflow declares yet: counted apart, so that a sender of many
// kinds that nobody wants takes no room from the early events of instances. For that the tenant of
// such a key has the slot's name at its end.
inline constexpr std::string_view k_unknown_slot = "#unknown";
ports::BindingKey binding_of_unknown(const std::string& tenant, const std::string& event);

// The keys under which one workflow looks for an event: per form, in order.
struct Search {
  std::string workflow;
  machine::Unhandled unhandled = machine::Unhandled::ignore;
  machine::Early early = machine::Early::keep;
  struct Form {
    bool exclusive = false;  // the business key: at most one live holder
    std::vector<ports::BindingKey> keys;
  };
  std::vector<Form> forms;  // those that have a value
};

struct SearchPlan {
  std::vector<Search> searches;
  std::vector<Definitions::Start> starts;  // whose `when` holds
  bool declared = false;
  // Its keys can't be looked for, and nothing else of it is here: key_too_long, too_many_keys.
  std::optional<Error> refusal = std::nullopt;

  std::vector<ports::BindingKey> keys() const;  // all of them, each once
};

SearchPlan plan_search(const Definitions& definitions, const machine::Event& event, Timestamp now);

// The input that a start rule makes of an event.
Result<types::Value> start_input(const Definitions& definitions,
                                 const Definitions::Start& start,
                                 const machine::Event& event,
                                 Timestamp now);

struct Found {
  std::vector<ports::InstanceKey> live;  // each once, in order of workflow and form
  std::vector<ports::InstanceKey> ended;
  machine::Unhandled unhandled =
      machine::Unhandled::ignore;          // of the first workflow with an ended match
  std::vector<std::string> workflows;      // those with a live match
  std::vector<ports::BindingKey> unknown;  // must be loaded before the rest can be said
};
Found resolve(const SearchPlan& plan, const KeyView& keys);

// The lane byte of a key: roots get it as the last byte of their id, events look there.
std::uint8_t lane_byte(std::string_view tenant, std::string_view key);

}  // namespace vozex::runtime

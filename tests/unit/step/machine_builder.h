// SPDX-License-Identifier: Apache-2.0
//
// Machines by hand, for tests of step(): states by path in document order, expressions as text and
// unchecked (every name is `dyn`). The loop variable of a fan-out is `line`, that of an action's
// for_each is `each`.
#pragma once

#include <string>
#include <vector>

#include "engine/machine/machine.h"

namespace vozex::testing {

struct Arrow {
  std::vector<std::string> to = {};
  std::string when = {};
  machine::Block actions = {};
  bool reenter = false;
  bool defer = false;
};

class MachineBuilder {
 public:
  explicit MachineBuilder(std::string workflow = "test");

  // Nested by path; the root is there. `kind` of a state with children must be compound or
  // parallel.
  MachineBuilder& state(const std::string& path,
                        machine::StateKind kind = machine::StateKind::atomic);
  MachineBuilder& compound(const std::string& path) {
    return state(path, machine::StateKind::compound);
  }
  MachineBuilder& parallel(const std::string& path) {
    return state(path, machine::StateKind::parallel);
  }
  MachineBuilder& final_state(const std::string& path,
                              machine::Outcome outcome = machine::Outcome::completed,
                              const std::string& output = "");
  MachineBuilder& initial(const std::string& path, std::vector<std::string> targets);

  MachineBuilder& on(const std::string& path, const std::string& event, Arrow arrow);
  MachineBuilder& always(const std::string& path, Arrow arrow);
  MachineBuilder& on_done(const std::string& path, Arrow arrow);
  MachineBuilder& on_entry(const std::string& path, machine::Block block);
  MachineBuilder& on_exit(const std::string& path, machine::Block block);
  MachineBuilder& after(const std::string& path, const std::string& when, Arrow arrow);
  MachineBuilder& every(const std::string& path, const std::string& when, Arrow arrow);
  MachineBuilder& cron(const std::string& path,
                       const std::string& schedule,
                       const std::string& zone,
                       Arrow arrow);
  MachineBuilder& status(const std::string& path, const std::string& word_expression);
  MachineBuilder& data(const std::string& name,
                       const std::string& initial,
                       types::TypeRef type = nullptr);
  MachineBuilder& alias(const std::string& name, const std::string& value);
  MachineBuilder& invariant(const std::string& name, const std::string& holds);
  MachineBuilder& unhandled(const std::string& event, machine::Unhandled policy);
  MachineBuilder& errors(machine::ErrorMode mode);
  MachineBuilder& key(const std::string& value);

  struct Invoke {
    std::string id = {};
    std::string call = "pay.charge";  // "" when `workflow` or `compensate_all`
    std::string workflow = {};
    bool compensate_all = false;
    std::string with = {};
    std::string for_each = {};
    std::uint32_t limit = 0;
    machine::Join join = machine::Join::all;
    std::string join_when = {};
    std::string compensate = {};  // operation
    std::string compensate_with = {};
    bool read_only = false;
    std::vector<Arrow> on_done = {};
    std::vector<Arrow> on_error = {};
    std::vector<Arrow> on_each = {};
  };
  MachineBuilder& invoke(const std::string& path, const Invoke& invoke);

  struct Action {
    std::string name = {};
    std::vector<std::string> roles = {};
    std::string when = {};
    types::TypeRef form = {};
    std::uint16_t approvals = 1;
    std::vector<Arrow> arrows = {};
  };
  MachineBuilder& action(const std::string& path, const Action& action);
  // `repeat` zero: overdue once.
  MachineBuilder& task(const std::string& path,
                       const std::string& due,
                       Arrow overdue,
                       Duration repeat = {});

  machine::Machine build() const;

 private:
  machine::StateIndex index_of(const std::string& path) const;
  machine::TransitionIndex add(const std::string& path,
                               const std::string& event,
                               const Arrow& arrow);
  std::vector<machine::TransitionIndex> add_all(const std::string& path,
                                                const std::vector<Arrow>& arrows);

  machine::Machine machine_;
  std::vector<std::vector<std::string>> targets_;  // by transition
  std::vector<std::pair<machine::StateIndex, std::vector<std::string>>> initials_;
};

// "" gives null.
expr::ProgramRef program(const std::string& text);

// Actions.
machine::Action set(const std::string& field, const std::string& value);
machine::Action set_at(const std::string& field,
                       const std::string& index,
                       const std::string& value);
machine::Action raise(const std::string& event);
machine::Action emit(const std::string& event, const std::string& data = "");
machine::Action log(const std::string& text);
machine::Action reply(const std::string& value);
machine::Action send(const std::string& event,
                     const std::string& delay,
                     const std::string& id = "");
machine::Action cancel_send(const std::string& id);

}  // namespace vozex::testing

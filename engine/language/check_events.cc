// SPDX-License-Identifier: Apache-2.0
// Events as a whole: handled and never declared, declared and never handled, emitted into the void,
// not matched, and states that would lose one.
#include <algorithm>

#include "engine/language/stages.h"

namespace vozex::language {
namespace {

using machine::event_matches;
using machine::k_no_state;
using machine::k_root;
using machine::State;
using machine::StateIndex;
using machine::StateKind;

bool is_builtin(const std::string& descriptor) {
  return descriptor == "*" || descriptor == "cancel" || descriptor.starts_with("error.") ||
         descriptor.starts_with("done.");
}

bool is_known(const Unit& unit, const std::string& descriptor) {
  if (is_builtin(descriptor)) return true;
  for (const auto& [name, event] : unit.events) {
    if (event_matches(descriptor, name)) return true;
  }
  for (const std::string& name : unit.raised) {
    if (event_matches(descriptor, name)) return true;
  }
  return false;
}

void check_handled(Unit& unit) {
  for (const HandledEvent& handled : unit.handled) {
    if (is_known(unit, handled.descriptor)) continue;
    if (unit.report.is_full()) return;
    const std::string near = did_you_mean(handled.descriptor, names_in(unit.events));
    const bool pattern = handled.descriptor.ends_with(".*");
    const std::string declare =
        pattern ? "declared or imported: " + list_names(names_in(unit.events))
                : "declare it: `events: {" + handled.descriptor +
                      ": {data: {...}, match: ...}}`, or import the file that does";

    unit.report.error(code::unknown_event,
                      handled.span,
                      pattern ? "no declared event fits `" + handled.descriptor + "`"
                              : "`" + handled.descriptor + "` is no declared event",
                      near.empty() ? declare : near);
  }
}

bool is_handled(const Unit& unit, const std::string& name) {
  return std::any_of(unit.handled.begin(), unit.handled.end(), [&](const HandledEvent& handled) {
    return event_matches(handled.descriptor, name);
  });
}

void check_declared(Unit& unit) {
  for (const auto& [name, event] : unit.events) {
    const bool emitted = std::any_of(
        unit.emitted.begin(), unit.emitted.end(), [&, n = name](const EmittedEvent& sent) {
          return sent.name == n;
        });
    if (!event.own || is_handled(unit, name) || emitted || unit.raised.contains(name)) continue;
    unit.report.warning(code::unused_event,
                        event.span,
                        "`" + name + "` is declared, and no state handles it",
                        "handle it below `on`, or remove it");
  }
}

void check_emitted(Unit& unit) {
  for (const EmittedEvent& sent : unit.emitted) {
    if (unit.events.contains(sent.name)) continue;
    const std::string near = did_you_mean(sent.name, names_in(unit.events));
    unit.report.warning(
        code::undeclared_emit,
        sent.span,
        "`" + sent.name + "` is emitted, and nobody declares it: its data can't be checked",
        near.empty()
            ? "declare it in a `types_of:` file that its readers import, or below `events:`"
            : near);
  }
}

// Without a type a misspelled field of event.data goes unnoticed.
void check_types(Unit& unit) {
  if (has_errors(unit.document.diagnostics)) return;
  for (const auto& [name, event] : unit.events) {
    if (!event.own || event.data != nullptr || unit.raised.contains(name)) continue;
    unit.report.warning(code::untyped_event,
                        event.span,
                        "nothing says what the data of `" + name + "` is: it is not checked",
                        "add `data: {order_id: string, ...}`, or `data: {}` when it brings none");
  }
}

// Imported events that are handled need an entry too, so that the door knows their type.
void add_imported(Unit& unit) {
  auto& declared = unit.machine->events;
  for (const auto& [name, event] : unit.events) {
    if (event.own || !is_handled(unit, name)) continue;
    machine::EventDecl made;
    made.name = name;
    made.data = event.data == nullptr ? types::dyn_type() : event.data;
    declared.push_back(std::move(made));
  }
  std::sort(declared.begin(), declared.end(), [](const auto& a, const auto& b) {
    return a.name < b.name;
  });
}

bool named_directly(const HandledEvent& handled, const std::string& name) {
  return handled.descriptor == name;
}

void check_matches(Unit& unit) {
  for (const machine::EventDecl& event : unit.machine->events) {
    const bool starts =
        std::any_of(unit.machine->start_rules.begin(),
                    unit.machine->start_rules.end(),
                    [&](const machine::StartRule& rule) { return rule.event == event.name; });
    if (!event.match.empty() || unit.raised.contains(event.name) || starts) continue;
    const auto handled =
        std::find_if(unit.handled.begin(), unit.handled.end(), [&](const HandledEvent& entry) {
          return named_directly(entry, event.name);
        });
    if (handled == unit.handled.end()) continue;
    unit.report.warning(code::unmatched_event,
                        handled->span,
                        "nothing says which instance gets `" + event.name +
                            "`: only senders that name the instance reach this",
                        "add `events: {" + event.name + ": {match: event.data.<the key>}}`");
  }
}

// Which states take or mask one event, in one pass over the machine.
class Takers {
 public:
  Takers(const machine::Machine& machine, const std::string& event)
      : machine_(machine), around_(machine.states.size(), false), before_(1, 0) {
    for (const State& state : machine.states) {
      const bool here =
          std::any_of(state.on.begin(), state.on.end(), [&](machine::TransitionIndex index) {
            return event_matches(machine.transitions[index].event, event);
          });
      around_[state.index] = here || (state.parent != k_no_state && around_[state.parent]);
      before_.push_back(before_.back() + (here ? 1U : 0U));
    }
  }

  // The state itself, one around it, or one in a region beside it.
  bool takes(StateIndex state) const {
    if (around_[state]) return true;
    for (StateIndex above = machine_.states[state].parent; above != k_no_state;
         above = machine_.states[above].parent) {
      const State& parent = machine_.states[above];
      if (parent.kind == StateKind::parallel && before_[parent.end] > before_[above]) return true;
    }
    return false;
  }

 private:
  const machine::Machine& machine_;
  std::vector<bool> around_;           // by state: it or one around it takes the event
  std::vector<std::uint32_t> before_;  // how many of the states before this index take it
};

// An instance rests in it: it is atomic, no end, and doesn't leave at once.
bool rests(const machine::Machine& machine, const State& state) {
  if (state.kind != StateKind::atomic) return false;
  return std::none_of(
      state.always.begin(), state.always.end(), [&](machine::TransitionIndex index) {
        return machine.transitions[index].when == nullptr;
      });
}

void check_gaps(Unit& unit) {
  const machine::Machine& machine = *unit.machine;
  for (const machine::EventDecl& event : machine.events) {
    const KnownEvent& known = unit.events.find(event.name)->second;
    if (event.match.empty() || known.has_policy || !known.own || !is_handled(unit, event.name))
      continue;
    const Takers takers(machine, event.name);
    std::vector<std::string> gaps;
    for (const State& state : machine.states) {
      if (!rests(machine, state) || takers.takes(state.index)) continue;
      gaps.push_back(state.path);
    }
    if (gaps.empty()) continue;
    constexpr std::size_t k_shown = 5;
    unit.report.warning(
        code::event_gap,
        known.span,
        "`" + event.name + "` is ignored when it comes in " + list_names(gaps, k_shown),
        "take it there, defer it, mask it with {}, or say `unhandled: ignore` (or defer, reject, "
        "incident) here");
  }
}

}  // namespace

void check_events(Unit& unit) {
  check_handled(unit);
  add_imported(unit);
  check_declared(unit);
  check_types(unit);
  check_emitted(unit);
  check_matches(unit);
  check_gaps(unit);
}

}  // namespace vozex::language

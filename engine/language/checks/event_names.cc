// SPDX-License-Identifier: Apache-2.0
// Events by name: handled and never declared, declared and never handled, emitted into the void,
// not typed, not matched.
#include <algorithm>

#include "engine/language/checks/checks.h"

namespace vozex::language {
namespace {

using machine::event_matches;
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

void check_unmatched(Unit& unit) {
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

}  // namespace

void check_event_names(Unit& unit) {
  check_handled(unit);
  add_imported(unit);
  check_declared(unit);
  check_types(unit);
  check_emitted(unit);
  check_unmatched(unit);
}

}  // namespace vozex::language

// SPDX-License-Identifier: Apache-2.0
//
// Who gets an event: the runtime's rules of correlation, over instances in memory.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/lab/world.h"
#include "engine/machine/event_activation.h"

namespace vozex::lab {
namespace {

using machine::Disposition;
using machine::Event;
using types::Value;

bool has_key(const Inhabitant& instance, const std::string& alias, const std::string& key) {
  if (alias.empty()) return instance.snapshot.key == key;
  const std::string binding = alias + "=" + key;
  return std::binary_search(instance.snapshot.keys.begin(), instance.snapshot.keys.end(), binding);
}

}  // namespace

std::vector<Inhabitant*> World::matches(const Event& event) {
  std::vector<Inhabitant*> found;
  std::set<std::string> looked;
  for (const auto& candidate : instances_) {
    const machine::Machine& machine = *candidate->machine;
    const machine::EventDecl* decl = machine.find_event(event.name);
    if (decl == nullptr || !looked.insert(machine.workflow).second) continue;
    const machine::EventActivation activation(event, config_of(machine.workflow), now_);
    for (const machine::MatchForm& form : decl->match) {
      const std::size_t before = found.size();
      const auto value = form.value != nullptr ? expr::evaluate(*form.value, activation) : Value();
      if (!value) continue;  // an absent field: the next form may have a value
      for (const std::string& key : keys_from(*value)) {
        for (const auto& instance : instances_) {
          if (instance->machine->workflow != machine.workflow ||
              !has_key(*instance, form.alias, key))
            continue;
          if (std::find(found.begin(), found.end(), instance.get()) == found.end())
            found.push_back(instance.get());
        }
      }
      if (found.size() != before) break;
    }
  }
  return found;
}

// Whether an instance that appears later could want it.
bool World::is_declared(const Event& event, Inhabitant* direct) const {
  if (direct != nullptr) return true;
  for (const machine::MachineRef& machine : setup_.compiled->machines) {
    const machine::EventDecl* decl = machine->find_event(event.name);
    const bool wanted =
        decl != nullptr && !decl->match.empty() && decl->early == machine::Early::keep;
    if (wanted && setup_.real.contains(machine->workflow)) return true;
  }
  return false;
}

bool World::start_by_rule(const Event& event) {
  bool any = false;
  for (const std::string& workflow : setup_.real) {
    const machine::MachineRef machine = newest(workflow);
    if (machine == nullptr) continue;
    for (const machine::StartRule& rule : machine->start_rules) {
      if (rule.event != event.name) continue;
      const machine::EventActivation activation(event, config_of(workflow), now_);
      if (rule.when != nullptr) {
        const auto holds = expr::test(*rule.when, activation);
        if (!holds || !*holds) continue;
      }
      const auto input =
          rule.input != nullptr ? expr::evaluate(*rule.input, activation) : Value::map({});
      if (!input) {
        problem("start rule of " + workflow + ": " + input.error().message);
        continue;
      }
      StartRequest request;
      request.id = new_id();
      request.root = request.id;
      request.tenant = "default";
      request.input = *input;
      request.causation = event.causation;
      std::string refusal;
      if (add(machine, request, refusal) != nullptr) {
        any = true;
      } else {
        problem(fmt::format("start rule of {}: {}", workflow, refusal));
      }
    }
  }
  return any;
}

// Live instances that match; else a start rule; else one that has ended. Nothing: it must wait.
std::optional<Disposition> World::route(const Event& event, Inhabitant* direct) {
  std::vector<Inhabitant*> found = matches(event);
  const auto ended = [](const Inhabitant* instance) { return is_ended(instance->snapshot.life); };
  const bool all_ended = std::all_of(found.begin(), found.end(), ended);
  if (!all_ended) std::erase_if(found, ended);
  if (all_ended && start_by_rule(event)) return Disposition::created;
  if (found.empty() && direct != nullptr) {
    const machine::EventDecl* decl = direct->machine->find_event(event.name);
    if (decl == nullptr || decl->match.empty()) found.push_back(direct);
  }
  if (found.empty()) return std::nullopt;
  std::optional<Disposition> first;
  for (Inhabitant* instance : found) {
    run_step(*instance, event);
    if (!first) first = instance->last.disposition;
  }
  return first;
}

void World::offer_parked() {
  std::deque<Event> waiting;
  waiting.swap(parked_);
  for (Event& event : waiting) {
    if (!route(event, nullptr)) parked_.push_back(std::move(event));
  }
}

}  // namespace vozex::lab

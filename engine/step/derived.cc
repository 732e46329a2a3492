// SPDX-License-Identifier: Apache-2.0
//
// What a step derives from an instance's state and data, last of all: its status, its keys, whether
// its invariants and bounds hold.
#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/step/execute.h"
#include "engine/step/keys.h"
#include "engine/step/macrostep.h"
#include "engine/types/depth.h"

namespace vozex::stepping {
namespace {

using machine::k_no_state;

const expr::Program* status_program(const Run& run) {
  for (const StateIndex active : run.next.configuration) {
    const StateKind kind = run.state(active).kind;
    if (kind != StateKind::atomic && kind != StateKind::final) continue;
    for (StateIndex at = active; at != k_no_state; at = run.state(at).parent) {
      if (run.state(at).status != nullptr) return run.state(at).status.get();
    }
  }
  return nullptr;
}

// A value derived after everything settled: no state is left to take its error.
void derived_failed(Run& run, const std::string& what, const expr::EvalError& error) {
  if (run.machine.errors != machine::ErrorMode::incident) return;
  refuse(run, error.code, what + ": " + error.message);
}

std::vector<std::string> current_keys(Run& run) {
  std::vector<std::string> keys;
  for (const machine::AliasDecl& alias : run.machine.aliases) {
    auto value = value_of(run, alias.value);
    if (!value) {
      derived_failed(run, "alias " + alias.name, value.error());
      continue;
    }
    for (const std::string& key : keys_from(*value)) {
      if (!may_be_key(key) && key.size() <= k_max_key_bytes) {
        refuse(run, "invalid_key", "alias " + alias.name + " has U+0000 in it");
      } else if (key.size() > k_max_key_bytes) {
        refuse(run,
               "key_too_long",
               "alias " + alias.name + " has " + std::to_string(key.size()) +
                   " bytes: a key has at most " + std::to_string(k_max_key_bytes));
      }
      keys.push_back(alias.name + "=" + key);
    }
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

std::pair<std::string, std::string> split_key(const std::string& key) {
  const std::size_t at = key.find('=');
  return {key.substr(0, at), key.substr(at + 1)};
}

void rebind_aliases(Run& run) {
  std::vector<std::string> keys = current_keys(run);
  const std::vector<std::string>& old = run.next.keys;
  if (keys == old) return;
  std::vector<std::string> gone;
  std::vector<std::string> fresh;
  std::set_difference(old.begin(), old.end(), keys.begin(), keys.end(), std::back_inserter(gone));
  std::set_difference(keys.begin(), keys.end(), old.begin(), old.end(), std::back_inserter(fresh));
  for (const std::string& key : gone) {
    auto [alias, value] = split_key(key);
    add_effect(run, machine::UnbindKey{std::move(alias), std::move(value)});
  }
  for (const std::string& key : fresh) {
    auto [alias, value] = split_key(key);
    add_effect(run, machine::BindKey{std::move(alias), std::move(value)});
  }
  if (keys.size() > machine::k_max_deferred) {
    refuse(
        run, "too_many_keys", "more than " + std::to_string(machine::k_max_deferred) + " aliases");
  }
  run.draft.keys() = std::move(keys);
}

void bind_business_key(Run& run) { add_effect(run, machine::BindKey{"", run.next.key}); }

bool check_invariant(Run& run, const machine::Invariant& invariant) {
  if (invariant.holds == nullptr) return true;
  const auto holds = test(run, *invariant.holds);
  if (holds && *holds) return true;
  refuse(run,
         "invariant_broken",
         "invariant \"" + invariant.name + "\" " +
             (holds ? "doesn't hold: " + expr::source_of(*invariant.holds)
                    : "can't be checked: " + holds.error().message));
  return false;
}

void check_items(Run& run) {
  std::size_t items = 0;
  for (const machine::Invocation& invocation : run.next.invocations)
    items += invocation.items.size();
  if (items <= machine::k_max_items) return;
  refuse(run,
         "too_many_items",
         "more than " + std::to_string(machine::k_max_items) + " calls and children at once");
}

void check_data(Run& run) {
  if (types::weight(run.next.data) > machine::k_max_data_bytes) {
    refuse(run,
           "data_too_large",
           "data would grow beyond " + std::to_string(machine::k_max_data_bytes) + " bytes");
  }
  if (types::is_deeper_than(run.next.data, types::k_max_value_depth)) {
    refuse(
        run,
        "data_too_deep",
        "data would be nested deeper than " + std::to_string(types::k_max_value_depth) + " levels");
  }
}

}  // namespace

void refresh_status(Run& run) {
  if (!run.configuration_changed && !run.data_changed && !run.first && !run.had_invokes) return;
  const expr::Program* program = status_program(run);
  if (program == nullptr) return;
  if (const Value* fixed = expr::constant_of(*program)) {
    if (fixed->is_string() && fixed->as_string() != run.next.status)
      run.draft.set_status(fixed->as_string());
    return;
  }
  const auto value = evaluate(run, *program);
  if (!value) {
    derived_failed(run, "status", value.error());
    return;
  }
  if (value->is_string()) run.draft.set_status(value->as_string());
}

void refresh_keys(Run& run) {
  if (run.first) bind_business_key(run);
  if (run.machine.aliases.empty()) return;
  // One that holds none may have forgotten them when its row was mended.
  if (!run.data_changed && !run.first && !run.next.keys.empty()) return;
  rebind_aliases(run);
}

void check_invariants(Run& run) {
  if (!run.configuration_changed && !run.data_changed) return;
  for (const machine::Invariant& invariant : run.machine.invariants) {
    if (!check_invariant(run, invariant)) return;
  }
}

void check_bounds(Run& run) {
  if (!run.next.invocations.empty()) check_items(run);
  if (run.data_may_grow) check_data(run);
}

void derive(Run& run) {
  if (!run.refusal) refresh_status(run);
  if (!run.refusal) refresh_keys(run);
  if (!run.refusal) check_invariants(run);
  if (!run.refusal) check_bounds(run);
}

}  // namespace vozex::stepping

namespace vozex {
namespace {

void append_keys(const types::Value& value, std::vector<std::string>& keys, bool nested) {
  switch (value.kind()) {
    case types::Kind::string:
      if (!value.as_string().empty()) keys.push_back(value.as_string());
      return;
    case types::Kind::integer: keys.push_back(std::to_string(value.as_integer())); return;
    case types::Kind::uint: keys.push_back(std::to_string(value.as_uint())); return;
    case types::Kind::optional:
      if (const types::Value* present = value.as_optional()) append_keys(*present, keys, nested);
      return;
    case types::Kind::list:
      if (nested) return;
      for (const types::Value& item : value.as_list()) append_keys(item, keys, true);
      return;
    case types::Kind::null:
    case types::Kind::boolean:
    case types::Kind::real:
    case types::Kind::bytes:
    case types::Kind::timestamp:
    case types::Kind::duration:
    case types::Kind::map:
    case types::Kind::type: return;
  }
}

}  // namespace

std::vector<std::string> keys_from(const types::Value& value) {
  std::vector<std::string> keys;
  append_keys(value, keys, false);
  return keys;
}

}  // namespace vozex

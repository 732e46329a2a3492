// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/batch/correlation.h"

#include <algorithm>
#include <set>

#include "engine/machine/event_activation.h"
#include "engine/step/keys.h"
#include "engine/step/step.h"

namespace vozex::runtime {
namespace {

// Each once, in the order in which they come.
class Instances {
 public:
  explicit Instances(std::vector<ports::InstanceKey>& list) : list_(list) {}
  void add(const ports::InstanceKey& instance) {
    if (list_.size() >= k_few && seen_.empty()) seen_.insert(list_.begin(), list_.end());
    const bool is_new = list_.size() < k_few
                            ? std::find(list_.begin(), list_.end(), instance) == list_.end()
                            : seen_.insert(instance).second;
    if (is_new) list_.push_back(instance);
  }

 private:
  static constexpr std::size_t k_few = 32;  // nearly always there is one

  std::vector<ports::InstanceKey>& list_;
  std::set<ports::InstanceKey> seen_;
};

// What a workflow's `match` makes of an event can't be looked for.
void check_keys(const std::vector<std::string>& keys,
                const Definitions::Use& use,
                std::optional<Error>& refusal) {
  const auto refuse = [&](const char* code, const std::string& what) {
    refusal =
        Error{ErrorClass::invalid,
              code,
              "`match` of " + use.event->name + " in " + use.machine->workflow + " gives " + what,
              {}};
  };
  if (keys.size() > k_max_keys_sought) {
    refuse("too_many_keys",
           std::to_string(keys.size()) + " keys: at most " + std::to_string(k_max_keys_sought) +
               " are looked for, send several events");
  }
  for (const std::string& key : keys) {
    if (may_be_key(key)) continue;
    if (key.size() <= k_max_key_bytes) {
      refuse("invalid_key", "a key with U+0000: no instance has one");
      continue;
    }
    refuse("key_too_long",
           "a key of " + std::to_string(key.size()) + " bytes: no instance has one of more than " +
               std::to_string(k_max_key_bytes));
  }
}

Search search_of(const Definitions::Use& use,
                 const std::string& tenant,
                 const expr::Activation& activation,
                 std::optional<Error>& refusal) {
  Search search{use.machine->workflow, use.event->unhandled, use.event->early, {}};
  for (const machine::MatchForm& form : use.event->match) {
    // A form that fails has no value: an absent field is the usual reason.
    const expr::Evaluated value = expr::evaluate(*form.value, activation);
    if (!value) continue;
    Search::Form found{form.alias.empty(), {}};
    const std::vector<std::string> keys = keys_from(*value);
    check_keys(keys, use, refusal);
    for (const std::string& key : keys) {
      if (key.empty()) continue;
      found.keys.push_back(binding_of(tenant, search.workflow, form.alias, key));
    }
    if (!found.keys.empty()) search.forms.push_back(std::move(found));
  }
  return search;
}

// Adds the holders of one form; true when one of them is alive.
bool take_form(const Search::Form& form, const KeyView& keys, Instances& live, Instances& ended) {
  bool hit = false;
  for (const ports::BindingKey& key : form.keys) {
    for (const Holder& holder : keys.holders(key)) {
      (holder.ended ? ended : live).add(holder.instance);
      hit = hit || !holder.ended;
    }
  }
  return hit;
}

// When a form has an unknown key: notes those of all the forms that may still be asked.
bool add_unknown(const Search& search, std::size_t from, const KeyView& keys, Found& found) {
  const auto unknown = [&keys](const ports::BindingKey& key) { return !keys.knows(key); };
  const auto& form = search.forms[from].keys;
  if (std::none_of(form.begin(), form.end(), unknown)) return false;
  for (std::size_t i = from; i < search.forms.size(); ++i) {
    for (const ports::BindingKey& key : search.forms[i].keys) {
      if (unknown(key)) found.unknown.push_back(key);
    }
  }
  return true;
}

}  // namespace

ports::BindingKey binding_of(const std::string& tenant,
                             const std::string& workflow,
                             const std::string& alias,
                             const std::string& key) {
  return {tenant, alias.empty() ? workflow : workflow + "#" + alias, key};
}

ports::BindingKey binding_of_unknown(const std::string& tenant, const std::string& event) {
  return {tenant + std::string(k_unknown_slot), std::string(k_unknown_slot), event};
}

std::vector<ports::BindingKey> SearchPlan::keys() const {
  std::vector<ports::BindingKey> all;
  for (const Search& search : searches) {
    for (const Search::Form& form : search.forms) {
      all.insert(all.end(), form.keys.begin(), form.keys.end());
    }
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

SearchPlan plan_search(const Definitions& definitions, const machine::Event& event, Timestamp now) {
  SearchPlan plan;
  for (const Definitions::Use& use : definitions.uses_of(event.name)) {
    plan.declared = true;
    const machine::EventActivation activation(event, definitions.config_of(*use.machine), now);
    plan.searches.push_back(search_of(use, event.tenant, activation, plan.refusal));
  }
  for (const Definitions::Start& start : definitions.starts_of(event.name)) {
    plan.declared = true;
    if (start.rule->when != nullptr) {
      const machine::EventActivation activation(event, definitions.config_of(*start.machine), now);
      const auto holds = expr::test(*start.rule->when, activation);
      if (!holds || !*holds) continue;
    }
    plan.starts.push_back(start);
  }
  if (!plan.refusal) return plan;
  plan.searches.clear();
  plan.starts.clear();
  return plan;
}

Result<types::Value> start_input(const Definitions& definitions,
                                 const Definitions::Start& start,
                                 const machine::Event& event,
                                 Timestamp now) {
  if (start.rule->input == nullptr) return event.data;
  const machine::EventActivation activation(event, definitions.config_of(*start.machine), now);
  expr::Evaluated input = expr::evaluate(*start.rule->input, activation);
  if (input) return std::move(*input);
  return fail(ErrorClass::invalid,
              "invalid_input",
              "the start rule of " + start.machine->workflow + " for " + event.name +
                  " can't make its input: " + input.error().message);
}

Found resolve(const SearchPlan& plan, const KeyView& keys) {
  Found found;
  Instances live(found.live);
  Instances ended(found.ended);
  for (const Search& search : plan.searches) {
    const std::size_t ended_before = found.ended.size();
    for (std::size_t i = 0; i < search.forms.size(); ++i) {
      if (add_unknown(search, i, keys, found)) break;
      if (!take_form(search.forms[i], keys, live, ended)) continue;
      found.workflows.push_back(search.workflow);
      break;
    }
    if (ended_before == 0 && !found.ended.empty()) found.unhandled = search.unhandled;
  }
  return found;
}

std::uint8_t lane_byte(std::string_view tenant, std::string_view key) {
  // FNV-1a: only has to spread, and to be the same in every process.
  std::uint64_t hash = 14695981039346656037ull;
  const auto mix = [&hash](std::string_view text) {
    for (const char c : text) {
      hash = (hash ^ static_cast<std::uint8_t>(c)) * 1099511628211ull;
    }
  };
  mix(tenant);
  mix("\n");
  mix(key);
  return static_cast<std::uint8_t>(hash >> 56 ^ hash >> 24 ^ hash);
}

}  // namespace vozex::runtime

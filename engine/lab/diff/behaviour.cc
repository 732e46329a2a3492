// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "engine/lab/diff/comparison.h"
#include "engine/lab/diff/program_text.h"
#include "engine/lab/transition_roles.h"

namespace vozex::lab {
namespace {

using machine::Machine;
using machine::State;
using machine::StateIndex;
using machine::Transition;
using machine::TransitionIndex;

class Behaviour {
 public:
  Behaviour(Comparison& comparison, const State& before, const State& after)
      : comparison_(comparison), before_(before), after_(after) {}

  void compare() {
    const std::map<std::size_t, std::size_t> timers = compare_timers();
    compare_transitions(groups(comparison_.before, before_, {}),
                        groups(comparison_.after, after_, timers));
  }

 private:
  using Groups = std::map<std::string, std::vector<TransitionIndex>>;

  void add(Impact impact,
           const std::string& kind,
           const std::string& what,
           std::string text,
           std::string meaning,
           std::uint32_t line) {
    comparison_.add(
        impact, kind, name_of(after_) + ": " + what, std::move(text), std::move(meaning), line);
  }

  // ---- timers: those with equal times are the same, the others in order ----

  // New position -> old position.
  std::map<std::size_t, std::size_t> compare_timers() {
    const std::vector<std::string> old_texts = timer_texts(comparison_.before, before_);
    const std::vector<std::string> new_texts = timer_texts(comparison_.after, after_);
    std::map<std::size_t, std::size_t> pairs;
    std::vector<bool> taken(old_texts.size(), false);
    for (const bool equal : {true, false}) {
      for (std::size_t i = 0; i < new_texts.size(); ++i) {
        if (pairs.contains(i)) continue;
        for (std::size_t k = 0; k < old_texts.size(); ++k) {
          if (taken[k] || (equal && old_texts[k] != new_texts[i])) continue;
          pairs[i] = k;
          taken[k] = true;
          break;
        }
      }
    }
    say_timers(old_texts, new_texts, pairs, taken);
    return pairs;
  }

  static std::vector<std::string> timer_texts(const Machine& machine, const State& state) {
    std::vector<std::string> texts;
    texts.reserve(state.timers.size());
    for (const auto index : state.timers) texts.push_back(text_of(machine.timers[index]));
    return texts;
  }

  static std::string text_of(const machine::TimerDecl& timer) {
    return (timer.recurring ? "every " : "after ") + timer_text(timer) +
           (timer.timezone.empty() || timer.timezone == "UTC" ? "" : " " + timer.timezone);
  }

  void say_timers(const std::vector<std::string>& old_texts,
                  const std::vector<std::string>& new_texts,
                  const std::map<std::size_t, std::size_t>& pairs,
                  const std::vector<bool>& taken) {
    const bool restart = comparison_.migration != nullptr &&
                         comparison_.migration->timers == machine::MigratedTimers::restart;
    for (std::size_t k = 0; k < old_texts.size(); ++k) {
      if (taken[k]) continue;
      const auto& timer = comparison_.before.timers[before_.timers[k]];
      add(Impact::live,
          "timer_removed",
          old_texts[k],
          "removed",
          "an instance that migrates loses it",
          timer.span.line);
    }
    for (std::size_t i = 0; i < new_texts.size(); ++i) {
      const auto& timer = comparison_.after.timers[after_.timers[i]];
      const auto pair = pairs.find(i);
      if (pair == pairs.end()) {
        add(Impact::live,
            "timer_added",
            new_texts[i],
            "added",
            "it is armed when an instance migrates",
            timer.span.line);
      } else if (old_texts[pair->second] != new_texts[i]) {
        add(Impact::live,
            "timer_changed",
            old_texts[pair->second],
            "now " + new_texts[i],
            restart ? "armed anew when an instance migrates (`timers: restart`)"
                    : "an armed one keeps its due moment when its instance migrates; `timers: "
                      "restart` arms it anew",
            timer.span.line);
      }
    }
  }

  // ---- transitions: by what makes them fire, in order ----

  static Groups groups(const Machine& machine,
                       const State& state,
                       const std::map<std::size_t, std::size_t>& old_positions) {
    Groups out;
    for (const TransitionIndex index : state.on)
      out["on " + machine.transitions[index].event].push_back(index);
    out["always"] = state.always;
    out["on_done"] = state.on_done;
    for (std::size_t i = 0; i < state.timers.size(); ++i) {
      const auto old = old_positions.find(i);
      const std::size_t position = old != old_positions.end() ? old->second
                                   : old_positions.empty()    ? i
                                                              : i + k_fresh;
      out["timer " + std::to_string(position)] = machine.timers[state.timers[i]].transitions;
    }
    for (const auto index : state.invokes) {
      const machine::InvokeDecl& invoke = machine.invokes[index];
      const std::string id = own_id(state, invoke.id);
      out["on_done of " + id] = invoke.on_done;
      out["on_error of " + id] = invoke.on_error;
      out["on_each of " + id] = invoke.on_each;
    }
    for (const auto index : state.actions)
      out["action " + machine.actions[index].name] = machine.actions[index].transitions;
    if (state.task) out["overdue"] = machine.tasks[*state.task].overdue;
    return out;
  }

  void compare_transitions(const Groups& before, const Groups& after) {
    static const std::vector<TransitionIndex> k_none;
    std::map<std::string, bool> names;
    for (const auto& [name, list] : before) names[name] = true;
    for (const auto& [name, list] : after) names[name] = true;
    for (const auto& [name, unused] : names) {
      const auto old = before.find(name);
      const auto fresh = after.find(name);
      compare_list(name,
                   old != before.end() ? old->second : k_none,
                   fresh != after.end() ? fresh->second : k_none);
    }
  }

  // For people: timers have been named, and an invoke without an id is called by its place only.
  static std::string where(const std::string& group) {
    return group.starts_with("timer ") ? "timer" : group.substr(0, group.find(" of #"));
  }

  // Those that are equal on both sides are set aside; the rest are compared one by one.
  void compare_list(const std::string& group,
                    std::vector<TransitionIndex> before,
                    std::vector<TransitionIndex> after) {
    for (auto it = before.begin(); it != before.end();) {
      const auto same = std::find_if(after.begin(), after.end(), [&](TransitionIndex other) {
        return is_same(old_transition(*it), new_transition(other));
      });
      if (same == after.end()) {
        ++it;
        continue;
      }
      after.erase(same);
      it = before.erase(it);
    }
    const std::size_t common = std::min(before.size(), after.size());
    for (std::size_t i = 0; i < common; ++i)
      say_changed(group, old_transition(before[i]), new_transition(after[i]));
    for (std::size_t i = common; i < before.size(); ++i) {
      const Transition& transition = old_transition(before[i]);
      add(Impact::live,
          "transition_removed",
          where(group),
          "removed: " + text_of(comparison_.before, transition),
          "instances that stand here no longer take it once they migrate",
          transition.span.line);
    }
    for (std::size_t i = common; i < after.size(); ++i) {
      const Transition& transition = new_transition(after[i]);
      add(Impact::live,
          "transition_added",
          where(group),
          "added: " + text_of(comparison_.after, transition),
          "instances that stand here take it once they migrate",
          transition.span.line);
    }
  }

  const Transition& old_transition(TransitionIndex index) const {
    return comparison_.before.transitions[index];
  }
  const Transition& new_transition(TransitionIndex index) const {
    return comparison_.after.transitions[index];
  }

  // Targets as the new machine calls them.
  std::string old_targets(const Transition& transition) const {
    std::string text;
    for (const StateIndex target : transition.targets) {
      const StateIndex to = comparison_.pairs.to_new[target];
      text += " " + (to != machine::k_no_state ? comparison_.after.states[to].path
                                               : comparison_.before.states[target].path);
    }
    return text;
  }
  static std::string targets(const Machine& machine, const Transition& transition) {
    std::string text;
    for (const StateIndex target : transition.targets) text += " " + machine.states[target].path;
    return text;
  }

  static std::string text_of(const Machine& machine, const Transition& transition) {
    std::string text = transition.defer             ? "defer"
                       : transition.targets.empty() ? "stays"
                                                    : "to" + targets(machine, transition);
    if (transition.when != nullptr) text += " when " + program_text(transition.when);
    return text;
  }

  bool is_same(const Transition& before, const Transition& after) const {
    return program_text(before.when) == program_text(after.when) &&
           old_targets(before) == targets(comparison_.after, after) &&
           whole_text(before.actions) == whole_text(after.actions) && before.defer == after.defer &&
           before.reenter == after.reenter;
  }

  void say_changed(const std::string& group, const Transition& before, const Transition& after) {
    std::vector<std::string> parts;
    const auto part = [&](const std::string& what, const std::string& was, const std::string& is) {
      if (was != is)
        parts.push_back(what + " " + (was.empty() ? "none" : was) + " -> " +
                        (is.empty() ? "none" : is));
    };
    part("guard", program_text(before.when), program_text(after.when));
    const std::string was = old_targets(before);
    const std::string is = targets(comparison_.after, after);
    part("target", was.empty() ? "" : was.substr(1), is.empty() ? "" : is.substr(1));
    part("actions", whole_text(before.actions), whole_text(after.actions));
    if (before.defer != after.defer)
      parts.push_back(after.defer ? "now deferred" : "no longer deferred");
    if (before.reenter != after.reenter)
      parts.push_back(after.reenter ? "now reenters" : "no longer reenters");
    std::string text;
    for (const std::string& one : parts) text += (text.empty() ? "" : "; ") + one;
    add(Impact::live,
        "transition_changed",
        where(group),
        text,
        "instances that stand here follow the new one once they migrate",
        after.span.line);
  }

  // Positions of timers that the old state doesn't have lie behind all that it may have.
  static constexpr std::size_t k_fresh = 1u << 16;

  Comparison& comparison_;
  const State& before_;
  const State& after_;
};

}  // namespace

std::string own_id(const State& state, const std::string& id) {
  return id.starts_with(state.path + "#") ? id.substr(state.path.size()) : id;
}

std::string name_of(const State& state) { return state.path.empty() ? "everywhere" : state.path; }

void compare_behaviour(Comparison& comparison, const State& before, const State& after) {
  Behaviour(comparison, before, after).compare();
}

}  // namespace vozex::lab

// SPDX-License-Identifier: Apache-2.0
#include "engine/step/migrate.h"

#include <algorithm>
#include <optional>
#include <set>

#include "engine/step/defaults.h"
#include "engine/step/execute.h"
#include "engine/step/invokes.h"
#include "engine/step/macrostep.h"
#include "engine/step/tasks.h"
#include "engine/step/timers.h"
#include "engine/types/validate.h"

namespace vozex {
namespace {

using machine::ArmedTimer;
using machine::Invocation;
using machine::InvokedItem;
using machine::ItemStatus;
using machine::k_no_state;
using machine::k_root;
using machine::k_task_timer;
using machine::Machine;
using machine::Migration;
using machine::Snapshot;
using machine::State;
using machine::StateIndex;
using machine::StateKind;
using stepping::Run;

bool is_innermost(const State& state) {
  return state.kind == StateKind::atomic || state.kind == StateKind::final;
}

bool is_history(const State& state) {
  return state.kind == StateKind::history_deep || state.kind == StateKind::history_shallow;
}

bool is_open(const InvokedItem& item) {
  return item.status == ItemStatus::waiting || item.status == ItemStatus::running;
}

// Invocations that no `invoke` of the file stands behind.
bool is_reserved(const Invocation& invocation) {
  return invocation.invoke == stepping::k_cancel_invoke ||
         invocation.invoke.starts_with(stepping::k_action_invoke);
}

std::string called_by(const machine::InvokeDecl& decl) {
  return decl.call.operation == nullptr ? "" : stepping::operation_name(*decl.call.operation);
}

bool can_undo(const Machine& machine, const std::string& operation) {
  const auto undoes = [&operation](const machine::CallDecl& call) {
    return call.compensate != nullptr && stepping::operation_name(*call.compensate) == operation;
  };
  const auto in_block = [&undoes](const machine::Block& block) {
    return std::any_of(block.begin(), block.end(), [&undoes](const machine::Action& action) {
      return action.call != nullptr && undoes(*action.call);
    });
  };
  const auto in_state = [&in_block](const State& state) {
    return std::any_of(state.on_entry.begin(), state.on_entry.end(), in_block) ||
           std::any_of(state.on_exit.begin(), state.on_exit.end(), in_block);
  };
  return std::any_of(machine.invokes.begin(),
                     machine.invokes.end(),
                     [&undoes](const auto& decl) { return undoes(decl.call); }) ||
         std::any_of(machine.transitions.begin(),
                     machine.transitions.end(),
                     [&in_block](const auto& one) { return in_block(one.actions); }) ||
         std::any_of(machine.states.begin(), machine.states.end(), in_state);
}

class Migrator {
 public:
  Migrator(const Machine& from,
           const Machine& to,
           const Migration& migration,
           const Snapshot& snapshot,
           Snapshot& next,
           Run& run)
      : from_(from), to_(to), migration_(migration), old_(snapshot), run_(run), next_(next) {}

  // Everything that stands in the way is said; only the first part decides whether more is tried.
  MigrationPlan go() {
    next_.version = to_.version;
    move_configuration();
    if (!plan_.obstacles.empty()) return std::move(plan_);
    move_history();
    move_invocations();
    move_people();
    move_queued();
    move_values();
    if (!plan_.obstacles.empty()) return std::move(plan_);
    move_timers();
    settle();
    return std::move(plan_);
  }

 private:
  void obstacle(std::string where, std::string text) {
    plan_.obstacles.push_back({std::move(where), std::move(text)});
  }

  std::string new_path(StateIndex state) const {
    return migrated_path(migration_, from_.states[state].path);
  }
  // k_no_state when the new version has no such state. The root is the root.
  StateIndex new_state(StateIndex state) const {
    return state == k_root ? k_root : to_.find_state(new_path(state));
  }
  // k_no_state also when it isn't active.
  StateIndex new_active(StateIndex state) const {
    const StateIndex moved = new_state(state);
    if (moved == k_root) return moved;
    return moved != k_no_state && next_.is_active(moved) ? moved : k_no_state;
  }

  // ---- states

  void move_configuration() {
    std::set<StateIndex> active;
    for (const StateIndex state : old_.configuration) {
      if (!is_innermost(from_.states[state])) continue;
      const std::string& path = from_.states[state].path;
      const StateIndex moved = new_state(state);
      plan_.states.emplace_back(path, new_path(state));
      if (moved == k_no_state) {
        obstacle(path,
                 "version " + std::to_string(to_.version) + " has no state " + new_path(state) +
                     ": map " + path + " to one");
        continue;
      }
      if (!is_innermost(to_.states[moved])) {
        obstacle(path,
                 to_.states[moved].path + " has states inside in the new version: map " + path +
                     " to one of them");
        continue;
      }
      if (to_.states[moved].kind == StateKind::final && to_.states[moved].parent == k_root) {
        obstacle(path, "a migration ends nothing, and " + to_.states[moved].path + " is an end");
        continue;
      }
      for (StateIndex at = moved; at != k_root && at != k_no_state; at = to_.states[at].parent)
        active.insert(at);
    }
    if (!plan_.obstacles.empty()) return;
    next_.configuration.assign(active.begin(), active.end());
    check_configuration(k_root);
    for (const StateIndex state : next_.configuration) check_configuration(state);
    run_.configuration_changed = true;
  }

  // SCXML's legal configuration, 3.11: one child of a compound state, all of a parallel one.
  void check_configuration(StateIndex index) {
    const State& state = to_.states[index];
    if (state.children.empty()) return;
    std::vector<std::string> active;
    std::string missing;
    for (const StateIndex child : state.children) {
      if (next_.is_active(child)) {
        active.push_back(to_.states[child].path);
      } else {
        missing = to_.states[child].path;
      }
    }
    const std::string name = state.path.empty() ? "the workflow" : state.path;
    if (state.kind == StateKind::parallel) {
      if (active.size() != state.children.size())
        obstacle(state.path,
                 "the region " + missing + " of " + name + " would have no active state");
    } else if (active.size() != 1) {
      obstacle(state.path,
               active.empty()
                   ? name + " would have no active state"
                   : name + " would have two active states, " + active[0] + " and " + active[1]);
    }
  }

  void move_history() {
    next_.history.clear();
    for (const auto& [pseudo, remembered] : old_.history) {
      const StateIndex moved = new_state(pseudo);
      if (moved == k_no_state || !is_history(to_.states[moved]) ||
          to_.states[moved].kind != from_.states[pseudo].kind) {
        plan_.forgotten.push_back(from_.states[pseudo].path);
        continue;
      }
      const StateIndex parent = to_.states[moved].parent;
      std::vector<StateIndex> states;
      for (const StateIndex state : remembered) {
        const StateIndex at = new_state(state);
        const bool deep = to_.states[moved].kind == StateKind::history_deep;
        const bool fits = at != k_no_state &&
                          (deep ? is_innermost(to_.states[at]) && to_.is_descendant(at, parent)
                                : to_.states[at].parent == parent);
        if (fits) {
          states.push_back(at);
        } else {
          obstacle(from_.states[pseudo].path,
                   "it remembers " + from_.states[state].path + ", and " + to_.states[moved].path +
                       " can't remember " + new_path(state));
        }
      }
      std::sort(states.begin(), states.end());
      next_.history.emplace_back(moved, std::move(states));
    }
    std::sort(next_.history.begin(), next_.history.end());
  }

  // ---- work under way

  // An id that the compiler made moves with its state.
  std::string new_id(const Invocation& invocation, const machine::InvokeDecl& decl) const {
    const std::string prefix = from_.states[decl.state].path + "#";
    if (!invocation.invoke.starts_with(prefix)) return invocation.invoke;
    return new_path(decl.state) + "#" + invocation.invoke.substr(prefix.size());
  }

  // Why an open invocation can't go on; "" when it can.
  std::string objection(const Invocation& invocation,
                        const machine::InvokeDecl& was,
                        const std::string& id) const {
    const machine::InvokeDecl* is = stepping::find_invoke(to_, id);
    if (is == nullptr) return "the new version has no invoke " + id;
    if (invocation.state != k_no_state && is->state != new_active(invocation.state))
      return "the invoke " + id + " stands in another state in the new version";
    if (is->kind != was.kind || (is->for_each == nullptr) != (was.for_each == nullptr) ||
        called_by(*is) != called_by(was))
      return "the invoke " + id + " calls something else in the new version";
    const bool has_child =
        std::any_of(invocation.items.begin(), invocation.items.end(), [](const InvokedItem& item) {
          return is_open(item) && item.child.has_value();
        });
    if (has_child && id != invocation.invoke)
      return "its child answers to " + invocation.invoke + ": give the invoke an `id`";
    return "";
  }

  void move_invocations() {
    next_.invocations.clear();
    for (const Invocation& invocation : old_.invocations) {
      Invocation moved = invocation;
      const machine::InvokeDecl* was = stepping::find_invoke(from_, invocation.invoke);
      if (is_reserved(invocation) || was == nullptr) {
        next_.invocations.push_back(std::move(moved));
        continue;
      }
      moved.invoke = new_id(invocation, *was);
      if (invocation.state != k_no_state) moved.state = new_active(invocation.state);
      const std::string why = objection(invocation, *was, moved.invoke);
      const bool open = !invocation.settled ||
                        std::any_of(invocation.items.begin(), invocation.items.end(), is_open);
      if (why.empty()) {
        next_.invocations.push_back(std::move(moved));
      } else if (open) {
        obstacle(from_.states[was->state].path, invocation.invoke + " is under way: " + why);
      }
    }
    for (const machine::Undo& undo : old_.undo) {
      if (undo.done || can_undo(to_, undo.operation)) continue;
      obstacle("",
               "the call " + undo.call.text() + " would be undone by " + undo.operation +
                   ", which the new version doesn't use");
    }
  }

  void move_people() {
    next_.approvals.clear();
    for (machine::Approval approval : old_.approvals) {
      approval.state = new_active(approval.state);
      const bool known = std::any_of(
          to_.actions.begin(), to_.actions.end(), [&approval](const machine::ManualAction& action) {
            return action.state == approval.state && action.name == approval.action;
          });
      if (known) next_.approvals.push_back(std::move(approval));
    }
    next_.tasks.clear();
    for (machine::OpenTask task : old_.tasks) {
      task.state = new_active(task.state);
      if (task.state != k_no_state && to_.states[task.state].task)
        next_.tasks.push_back(std::move(task));
    }
    for (machine::Incident& incident : next_.incidents) {
      if (incident.state.empty()) continue;
      incident.state = migrated_path(migration_, incident.state);
      if (to_.find_state(incident.state) == k_no_state) incident.state.clear();
    }
  }

  void move_queued() {
    for (machine::Event& event : next_.queued) {
      auto* due = std::get_if<machine::TimerDue>(&event.cause);
      if (due != nullptr && !due->state.empty()) due->state = migrated_path(migration_, due->state);
    }
  }

  // ---- values

  void move_values() {
    if (auto set = stepping::assign(run_, migration_.set); !set)
      obstacle("/data", "`set` fails: " + set.error().message);
    move_object(next_.input, to_.input, to_.input_defaults, "/input", "input.");
    move_object(next_.data, to_.data, to_.data_fields, "/data", "data.");
    run_.data_changed = true;
    run_.data_may_grow = true;
    run_.activation.forget(machine::k_slot_instance);
    run_.activation.forget(machine::k_slot_invoked);
  }

  void move_object(types::Value& object,
                   const types::TypeRef& type,
                   const std::vector<machine::DataField>& defaults,
                   const std::string& pointer,
                   const char* what) {
    if (type == nullptr) return;
    if (!object.is_map()) object = types::Value::map({});
    if (auto filled = stepping::fill_defaults(run_, object, defaults, what); !filled)
      obstacle(pointer, filled.error().message);
    auto valid = types::validate(object, *type, types::Unknown::drop);
    if (valid) {
      object = *std::move(valid);
      return;
    }
    for (const types::Fault& fault : valid.error())
      obstacle(pointer + fault.pointer, fault.message);
  }

  // ---- timers

  const machine::TimerDecl* timer_at(const Machine& machine,
                                     StateIndex state,
                                     std::uint16_t index) const {
    const State& in = machine.states[state];
    return index < in.timers.size() ? &machine.timers[in.timers[index]] : nullptr;
  }

  bool same_place(const ArmedTimer& timer, StateIndex moved) const {
    if (timer.index == k_task_timer) return stepping::has_task_timer(to_, to_.states[moved]);
    const machine::TimerDecl* was = timer_at(from_, timer.state, timer.index);
    const machine::TimerDecl* is = timer_at(to_, moved, timer.index);
    return was != nullptr && is != nullptr && was->recurring == is->recurring &&
           was->cron == is->cron;
  }

  void keep_timers(std::set<std::pair<StateIndex, std::uint16_t>>& settled) {
    for (ArmedTimer timer : old_.timers) {
      const StateIndex moved = new_active(timer.state);
      if (moved == k_no_state || !same_place(timer, moved)) {
        ++plan_.timers_dropped;
        continue;
      }
      timer.state = moved;
      settled.emplace(moved, timer.index);
      next_.timers.push_back(timer);
      ++plan_.timers_kept;
    }
    // What the old state had and isn't armed has fired: it is over.
    for (const StateIndex state : old_.configuration) {
      const StateIndex moved = new_active(state);
      if (moved == k_no_state) continue;
      const State& was = from_.states[state];
      for (std::size_t i = 0; i < was.timers.size(); ++i) {
        const auto index = static_cast<std::uint16_t>(i);
        if (!is_armed(state, index)) settled.emplace(moved, index);
      }
      if (stepping::has_task_timer(from_, was) && !is_armed(state, k_task_timer))
        settled.emplace(moved, k_task_timer);
    }
  }

  bool is_armed(StateIndex state, std::uint16_t index) const {
    return std::any_of(old_.timers.begin(), old_.timers.end(), [&](const ArmedTimer& timer) {
      return timer.state == state && timer.index == index;
    });
  }

  void move_timers() {
    next_.timers.clear();
    std::set<std::pair<StateIndex, std::uint16_t>> settled;
    if (migration_.timers == machine::MigratedTimers::keep) {
      keep_timers(settled);
    } else {
      plan_.timers_dropped = static_cast<std::uint32_t>(old_.timers.size());
    }
    const std::size_t kept = next_.timers.size();
    for (const StateIndex state : next_.configuration) {
      const State& in = to_.states[state];
      for (std::size_t i = 0; i < in.timers.size(); ++i) {
        const auto index = static_cast<std::uint16_t>(i);
        if (!settled.contains({state, index})) stepping::arm_timer(run_, state, index);
      }
      if (stepping::has_task_timer(to_, in) && !settled.contains({state, k_task_timer}))
        stepping::arm_timer(run_, state, k_task_timer);
    }
    plan_.timers_armed = static_cast<std::uint32_t>(next_.timers.size() - kept);
    stepping::open_tasks(run_);
    if (migration_.timers == machine::MigratedTimers::restart) {
      for (machine::OpenTask& task : next_.tasks)
        task.due = stepping::due_of_task(run_, task.state);
    }
    for (std::size_t i = run_.queue_head; i < run_.queue.size(); ++i) {
      const stepping::Occurrence& failed = run_.queue[i];
      obstacle(
          failed.detail,
          "a timer can't be armed: " +
              (failed.ended == nullptr ? std::string(failed.text()) : failed.ended->error.message));
    }
  }

  // What is derived, and what must hold.
  void settle() {
    stepping::refresh_status(run_);
    stepping::refresh_keys(run_);
    stepping::check_invariants(run_);
    stepping::check_bounds(run_);
    if (run_.refusal) obstacle(run_.refusal->state, run_.refusal->message);
  }

  const Machine& from_;
  const Machine& to_;
  const Migration& migration_;
  const Snapshot& old_;
  Run& run_;
  Snapshot&
      next_;  // changed here, not through the run's draft: a refused migration is dropped whole
  MigrationPlan plan_;
};

Result<void> belong_together(const Machine& from,
                             const Machine& to,
                             const Migration& migration,
                             const Snapshot& snapshot) {
  if (snapshot.workflow != to.workflow || from.workflow != to.workflow ||
      snapshot.version != from.version || migration.from != from.version) {
    return fail(ErrorClass::invalid,
                "wrong_version",
                "expected an instance of " + to.workflow + " version " +
                    std::to_string(migration.from) + ", got " + snapshot.workflow + " version " +
                    std::to_string(snapshot.version));
  }
  if (!is_ended(snapshot.life)) return {};
  return fail(ErrorClass::refused,
              "instance_ended",
              "the instance has ended: " + std::string(to_string(snapshot.life)) +
                  ", and stays on its version");
}

struct Migrated {
  StepOutcome outcome;
  MigrationPlan plan;
};

Result<Migrated> run_migration(const Machine& from,
                               const Machine& to,
                               const Migration& migration,
                               const Snapshot& snapshot,
                               Timestamp now,
                               const types::Value& config) {
  if (auto fine = belong_together(from, to, migration, snapshot); !fine)
    return Failure(fine.error());
  Migrated made;
  made.outcome.next = snapshot;
  made.outcome.next.seq = snapshot.seq + 1;
  made.outcome.next.at = std::max(now, snapshot.at);
  Run run(to, made.outcome.next, made.outcome.next.at, config, made.outcome);
  made.plan = Migrator(from, to, migration, snapshot, made.outcome.next, run).go();
  made.outcome.disposition = machine::Disposition::transitioned;
  made.outcome.explanation.note =
      "migrated from version " + std::to_string(from.version) + " to " + std::to_string(to.version);
  return made;
}

}  // namespace

Result<StepOutcome> migrate(const Machine& from,
                            const Machine& to,
                            const Migration& migration,
                            const Snapshot& snapshot,
                            Timestamp now,
                            const types::Value& config) {
  auto made = run_migration(from, to, migration, snapshot, now, config);
  if (!made) return Failure(made.error());
  const std::vector<ErrorDetail>& obstacles = made->plan.obstacles;
  if (obstacles.empty()) return std::move(made->outcome);
  const std::string more =
      obstacles.size() == 1 ? "" : " (and " + std::to_string(obstacles.size() - 1) + " more)";
  const std::string where = obstacles[0].name.empty() ? "" : obstacles[0].name + ": ";
  return Failure(Error{ErrorClass::refused,
                       "migration_refused",
                       "the instance can't become version " + std::to_string(to.version) + ": " +
                           where + obstacles[0].text + more,
                       obstacles});
}

Result<MigrationPlan> plan_migration(const Machine& from,
                                     const Machine& to,
                                     const Migration& migration,
                                     const Snapshot& snapshot,
                                     Timestamp now,
                                     const types::Value& config) {
  auto made = run_migration(from, to, migration, snapshot, now, config);
  if (!made) return Failure(made.error());
  return std::move(made->plan);
}

}  // namespace vozex

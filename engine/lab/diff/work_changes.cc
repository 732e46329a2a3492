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

class Work {
 public:
  Work(Comparison& comparison, const State& before, const State& after)
      : comparison_(comparison), before_(before), after_(after) {}

  void compare() {
    compare_invokes();
    compare_actions();
    compare_task();
    compare_blocks("entry", before_.on_entry, after_.on_entry);
    compare_blocks("exit", before_.on_exit, after_.on_exit);
    comparison_.changed(Impact::live,
                        "status_changed",
                        name_of(after_) + ": status",
                        program_text(before_.status),
                        program_text(after_.status),
                        "instances that migrate show the new word after their next step",
                        after_.span.line);
    comparison_.changed(Impact::none,
                        "output_value_changed",
                        name_of(after_) + ": output",
                        program_text(before_.output),
                        program_text(after_.output),
                        "",
                        after_.span.line);
  }

 private:
  void add(Impact impact,
           const std::string& kind,
           const std::string& what,
           std::string text,
           std::string meaning,
           std::uint32_t line) {
    comparison_.add(
        impact, kind, name_of(after_) + ": " + what, std::move(text), std::move(meaning), line);
  }

  const machine::InvokeDecl* find_invoke(const std::string& id) const {
    for (const auto index : after_.invokes) {
      if (own_id(after_, comparison_.after.invokes[index].id) == id)
        return &comparison_.after.invokes[index];
    }
    return nullptr;
  }

  void compare_invokes() {
    std::vector<std::string> known;
    for (const auto index : before_.invokes) {
      const machine::InvokeDecl& old = comparison_.before.invokes[index];
      const std::string id = own_id(before_, old.id);
      known.push_back(id);
      const machine::InvokeDecl* fresh = find_invoke(id);
      if (fresh == nullptr || fresh->kind != old.kind) {
        add(Impact::breaking,
            "invoke_removed",
            "invoke " + invoke_text(old),
            fresh == nullptr ? "removed" : "another kind of work",
            "an instance that waits for its end can't migrate",
            old.span.line);
      } else {
        compare_invoke(old, *fresh);
      }
    }
    for (const auto index : after_.invokes) {
      const machine::InvokeDecl& fresh = comparison_.after.invokes[index];
      if (std::find(known.begin(), known.end(), own_id(after_, fresh.id)) != known.end()) continue;
      add(Impact::live,
          "invoke_added",
          "invoke " + invoke_text(fresh),
          "added",
          "an instance that stands here doesn't start it when it migrates",
          fresh.span.line);
    }
  }

  void compare_invoke(const machine::InvokeDecl& before, const machine::InvokeDecl& after) {
    const std::string what = name_of(after_) + ": invoke " + invoke_text(after);
    const auto text = [](const machine::InvokeDecl& one) {
      return invoke_text(one) + " with " + program_text(one.input) + program_text(one.call.input) +
             (one.kind == machine::InvokeKind::call ? " " + whole_text(one.call) : "") +
             " for each of " + program_text(one.for_each) + " limit " + std::to_string(one.limit) +
             " join " + std::to_string(static_cast<int>(one.join)) + program_text(one.join_when);
    };
    if (text(before) == text(after)) return;
    comparison_.add(Impact::live,
                    "invoke_changed",
                    what,
                    invoke_text(before) == invoke_text(after)
                        ? "its input or policy changed"
                        : invoke_text(before) + " -> " + invoke_text(after),
                    "what is under way goes on as it was started",
                    after.span.line);
  }

  void compare_actions() {
    std::map<std::string, const machine::ManualAction*> old;
    for (const auto index : before_.actions)
      old[comparison_.before.actions[index].name] = &comparison_.before.actions[index];
    for (const auto index : after_.actions) {
      const machine::ManualAction& fresh = comparison_.after.actions[index];
      const auto found = old.find(fresh.name);
      if (found == old.end()) continue;  // its transitions were said to be added
      compare_action(*found->second, fresh);
    }
  }

  static std::string offer_text(const machine::ManualAction& action) {
    std::string text = "roles";
    for (const std::string& role : action.roles) text += " " + role;
    return text + ", approvals " + std::to_string(action.approvals) +
           (action.when != nullptr ? ", when " + program_text(action.when) : "");
  }

  void compare_action(const machine::ManualAction& before, const machine::ManualAction& after) {
    const std::string subject = name_of(after_) + ": action " + after.name;
    comparison_.changed(Impact::live,
                        "action_changed",
                        subject,
                        offer_text(before),
                        offer_text(after),
                        "who may take it on instances that migrate",
                        after.span.line);
    for (const FieldDifference& one : differences_of(before.form, after.form)) {
      const bool breaks =
          one.change == FieldChange::added_needed || one.change == FieldChange::narrowed;
      comparison_.add(breaks ? Impact::breaking : Impact::none,
                      "form_changed",
                      subject + ": " + one.name,
                      one.text,
                      breaks ? "programs that take the action as before are refused" : "",
                      after.span.line);
    }
  }

  std::string task_text(const Machine& machine, const State& state) const {
    if (!state.task) return "";
    const machine::TaskDecl& task = machine.tasks[*state.task];
    return "queue " + program_text(task.queue) + ", roles " + program_text(task.roles) + ", due " +
           program_text(task.due) + ", assignee " + program_text(task.assignee) + ", supervisors " +
           program_text(task.supervisors) + escalation_text(task);
  }

  std::string escalation_text(const machine::TaskDecl& task) const {
    std::string text;
    for (const machine::Escalation& step : task.escalations) {
      text += "; then queue " + program_text(step.queue) + ", roles " + program_text(step.roles) +
              ", assignee " + program_text(step.assignee);
    }
    return text;
  }

  void compare_task() {
    comparison_.changed(Impact::live,
                        "task_changed",
                        name_of(after_) + ": task",
                        task_text(comparison_.before, before_),
                        task_text(comparison_.after, after_),
                        "people see it on instances that migrate",
                        after_.span.line);
  }

  void compare_blocks(const std::string& what,
                      const std::vector<machine::Block>& before,
                      const std::vector<machine::Block>& after) {
    const auto text = [](const std::vector<machine::Block>& blocks) {
      std::string all;
      for (const machine::Block& block : blocks)
        all += (all.empty() ? "" : " | ") + whole_text(block);
      return all;
    };
    comparison_.changed(Impact::none,
                        what + "_changed",
                        name_of(after_) + ": on_" + what,
                        text(before),
                        text(after),
                        "",
                        after_.span.line);
  }

  Comparison& comparison_;
  const State& before_;
  const State& after_;
};

}  // namespace

void compare_work(Comparison& comparison, const State& before, const State& after) {
  Work(comparison, before, after).compare();
}

}  // namespace vozex::lab

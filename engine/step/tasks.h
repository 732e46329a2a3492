// SPDX-License-Identifier: Apache-2.0
//
// Human tasks: the entries in people's inbox. A task is opened when its state has been entered and
// everything has settled, and closed when the state is left. Meanwhile people claim it, give it
// back or to somebody, and it escalates when it is overdue. Who has a task is the only one who may
// do the actions of its state, but for supervisors, who say why, and for actions that want several
// people. What it says to people: docs/tasks.md. Tests: tests/unit/step/tasks_test.cc.
#pragma once

#include <optional>

#include "engine/step/process.h"
#include "engine/step/run.h"

namespace vozex::stepping {

// Opens the task of each active state that has none open. Timers have been armed: when one is due
// is read off them.
void open_tasks(Run& run);
void close_task(Run& run, StateIndex state);
// It has become overdue once more: the next step of `escalate:`.
void escalate_task(Run& run, StateIndex state);
// When the armed timer says that the task of this state is due.
std::optional<Timestamp> due_of_task(const Run& run, StateIndex state);

// Claim, release, assign. Codes task_closed, task_claimed, not_allowed, actor_needed,
// reason_needed, invalid_assignee.
Processed move_task(Run& run, const machine::TaskMoved& moved);

// True when no role is asked for.
bool has_role(const machine::Actor& actor, const std::vector<std::string>& roles);

// `task_closed` unless it is open.
std::optional<Error> why_not_open(const Run& run, const machine::TaskRef& ref);
// Somebody else has the task that the action belongs to, and this person is no supervisor of it.
std::optional<Error> why_not_theirs(Run& run,
                                    const machine::ManualAction& action,
                                    const machine::Actor& actor);
// The same for who does it: supervisors need a reason, and a task that is named must be the
// action's.
std::optional<Error> why_not_as_task(Run& run,
                                     const machine::ManualAction& action,
                                     const machine::ActionTaken& taken);
// Who approved leaves the rest to others: the task is nobody's again.
void give_back(Run& run, const machine::ManualAction& action, const machine::Actor& actor);

// Bytes of what a task shows. A longer title is cut; a longer name is an error.execution.
inline constexpr std::size_t k_max_task_title = 500;
inline constexpr std::size_t k_max_task_name = 200;
inline constexpr std::size_t k_max_task_roles = 50;

// May act on every task, with a reason.
inline constexpr const char* k_admin_role = "admin";

}  // namespace vozex::stepping

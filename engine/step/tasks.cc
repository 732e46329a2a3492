// SPDX-License-Identifier: Apache-2.0
#include "engine/step/tasks.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/base/text.h"
#include "engine/step/execute.h"

namespace vozex::stepping {
namespace {

using machine::Actor;
using machine::Disposition;
using machine::ManualAction;
using machine::OpenTask;
using machine::TaskChange;
using machine::TaskDecl;
using machine::TaskMoved;
using machine::TaskRef;

using Texts = tl::expected<std::vector<std::string>, expr::EvalError>;
using Text = tl::expected<std::string, expr::EvalError>;

Error refused(std::string code, std::string message) {
  return Error{ErrorClass::refused, std::move(code), std::move(message), {}};
}

Error invalid(std::string code, std::string message) {
  return Error{ErrorClass::invalid, std::move(code), std::move(message), {}};
}

Processed rejected(Error error) { return {Disposition::rejected, std::move(error)}; }

const TaskDecl& decl_of(const Run& run, const OpenTask& task) {
  return run.machine.tasks[*run.state(task.state).task];
}

const OpenTask* find_task(const Snapshot& snapshot, const TaskRef& ref) {
  for (const OpenTask& task : snapshot.tasks) {
    if (task.entry == ref.entry && task.index == ref.index) return &task;
  }
  return nullptr;
}

const OpenTask* task_of(const Snapshot& snapshot, StateIndex state) {
  for (const OpenTask& task : snapshot.tasks) {
    if (task.state == state) return &task;
  }
  return nullptr;
}

OpenTask* changeable(Run& run, const OpenTask& task) {
  for (OpenTask& open : run.draft.tasks()) {
    if (open.state == task.state) return &open;
  }
  return nullptr;
}

// ---- what the file says

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

// One line of at most `bytes`, and no code point cut in two.
std::string cut(std::string text, std::size_t bytes) {
  std::replace_if(text.begin(), text.end(), is_control, ' ');
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  text.resize(bytes);
  return text;
}

bool is_name(const std::string& text) {
  return !text.empty() && text.size() <= k_max_task_name &&
         std::none_of(text.begin(), text.end(), is_control);
}

Text name_from(const Value& value, const char* what) {
  std::string name = value.is_null() ? std::string() : text_of(value);
  if (std::any_of(name.begin(), name.end(), is_control))
    return failed("invalid_argument", std::string(what) + " of a task has a control character");
  if (name.size() <= k_max_task_name) return name;
  return failed("invalid_argument",
                std::string(what) + " of a task is longer than " + std::to_string(k_max_task_name) +
                    " bytes");
}

Text name_of(Run& run, const expr::ProgramRef& program, const char* what) {
  auto value = value_of(run, program);
  if (!value) return tl::unexpected(value.error());
  return name_from(*value, what);
}

Texts names_of(Run& run, const expr::ProgramRef& program, const char* what) {
  auto value = value_of(run, program);
  if (!value) return tl::unexpected(value.error());
  std::vector<std::string> names;
  if (!value->is_list()) return names;
  if (value->as_list().size() > k_max_task_roles) {
    return failed("invalid_argument",
                  "a task has more than " + std::to_string(k_max_task_roles) + " " + what);
  }
  for (const Value& one : value->as_list()) {
    auto name = name_from(one, what);
    if (!name) return tl::unexpected(name.error());
    if (!name->empty()) names.push_back(*std::move(name));
  }
  return names;
}

// Puts the value in its place, or raises error.execution and leaves the place as it is.
template <class Made, class Place>
bool put(Run& run, Made made, Place& place, StateIndex where) {
  if (!made) {
    raise_error(run, "error.execution", made.error(), where);
    return false;
  }
  place = *std::move(made);
  return true;
}

std::string title_of(Run& run, const TaskDecl& decl, const State& state) {
  if (decl.title != nullptr) {
    auto title = value_of(run, decl.title);
    if (title) return cut(text_of(*title), k_max_task_title);
    raise_error(run, "error.execution", title.error(), state.index);
  }
  return cut(state.title.empty() ? state.path : state.title, k_max_task_title);
}

std::uint16_t next_index(const Run& run) {
  std::uint16_t index = 0;
  for (const OpenTask& task : run.next.tasks) {
    if (task.entry == run.next.seq) index = std::max<std::uint16_t>(index, task.index + 1u);
  }
  return index;
}

void open_task(Run& run, const State& state) {
  const TaskDecl& decl = run.machine.tasks[*state.task];
  OpenTask task;
  task.state = state.index;
  task.entry = run.next.seq;
  task.index = next_index(run);
  task.opened_at = run.now;
  task.title = title_of(run, decl, state);
  put(run, name_of(run, decl.queue, "the queue"), task.queue, state.index);
  put(run, names_of(run, decl.roles, "roles"), task.roles, state.index);
  put(run, name_of(run, decl.assignee, "the assignee"), task.assignee, state.index);
  task.due = due_of_task(run, state.index);
  run.draft.tasks().push_back(std::move(task));
}

// ---- who may

bool is_supervisor(Run& run, const OpenTask& task, const Actor& actor) {
  if (has_role(actor, {k_admin_role})) return true;
  const TaskDecl& decl = decl_of(run, task);
  if (decl.supervisors == nullptr) return false;
  const auto roles = names_of(run, decl.supervisors, "supervisors");
  return roles && !roles->empty() && has_role(actor, *roles);
}

std::string supervisors_text(Run& run, const OpenTask& task) {
  std::vector<std::string> roles;
  if (const auto named = names_of(run, decl_of(run, task).supervisors, "supervisors"))
    roles = *named;
  if (std::find(roles.begin(), roles.end(), k_admin_role) == roles.end())
    roles.emplace_back(k_admin_role);
  return join_or(roles);
}

Error claimed_by(Run& run, const OpenTask& task, const std::string& what) {
  const std::string since =
      task.claimed_at ? " since " + format_timestamp(*task.claimed_at) : std::string();
  return refused("task_claimed",
                 task.assignee + " has the task \"" + task.title + "\"" + since + ": only " +
                     task.assignee + " " + what + ", or " + supervisors_text(run, task) +
                     " with a reason");
}

Error wants_role(const OpenTask& task) {
  return refused("not_allowed",
                 "the task \"" + task.title + "\" wants the role " + join_or(task.roles));
}

Error reason_needed(const OpenTask& task) {
  return invalid("reason_needed",
                 task.assignee + " has the task \"" + task.title +
                     "\": whoever acts in their place says why; add a reason");
}

// Of a task that somebody else has: a supervisor may, and says why.
std::optional<Error> why_not_in_place(Run& run,
                                      const OpenTask& task,
                                      const Actor& actor,
                                      const std::string& reason,
                                      const std::string& what) {
  if (!is_supervisor(run, task, actor)) return claimed_by(run, task, what);
  if (reason.empty()) return reason_needed(task);
  return std::nullopt;
}

// ---- changes

Processed changed(Run& run, const OpenTask& task, std::string assignee, bool claimed) {
  OpenTask* open = changeable(run, task);
  open->claimed_at.reset();
  if (claimed) open->claimed_at = run.now;
  run.out.explanation.note =
      "task \"" + open->title + "\": " +
      (assignee.empty() ? "nobody has it" : assignee + (claimed ? " has it" : " is to do it"));
  open->assignee = std::move(assignee);
  return {Disposition::transitioned, std::nullopt};
}

Processed unchanged(Run& run, const OpenTask& task) {
  run.out.explanation.note =
      "task \"" + task.title +
      "\": " + (task.assignee.empty() ? "nobody has it" : task.assignee + " has it already");
  return {Disposition::ignored, std::nullopt};
}

Processed claim(Run& run, const OpenTask& task, const Actor& actor) {
  if (task.assignee == actor.id && task.claimed_at) return unchanged(run, task);
  if (!task.assignee.empty() && task.assignee != actor.id)
    return rejected(claimed_by(run, task, "may give it back or away"));
  if (task.assignee.empty() && !has_role(actor, task.roles)) return rejected(wants_role(task));
  return changed(run, task, actor.id, true);
}

Processed release(Run& run, const OpenTask& task, const TaskMoved& moved) {
  if (task.assignee.empty()) return unchanged(run, task);
  if (task.assignee != moved.actor.id) {
    if (auto why = why_not_in_place(run, task, moved.actor, moved.reason, "may give it back"))
      return rejected(*std::move(why));
  }
  return changed(run, task, "", false);
}

Processed assign_to(Run& run, const OpenTask& task, const TaskMoved& moved) {
  if (!is_name(moved.to)) {
    return rejected(invalid("invalid_assignee",
                            "expected whose the task shall be, in one line of 1 to " +
                                std::to_string(k_max_task_name) + " bytes"));
  }
  if (moved.to == task.assignee) return unchanged(run, task);
  if (task.assignee.empty()) {
    if (!has_role(moved.actor, task.roles) && !is_supervisor(run, task, moved.actor))
      return rejected(wants_role(task));
  } else if (task.assignee != moved.actor.id) {
    if (auto why = why_not_in_place(run, task, moved.actor, moved.reason, "may give it away"))
      return rejected(*std::move(why));
  }
  return changed(run, task, moved.to, moved.to == moved.actor.id);
}

// The innermost open task that the state belongs to.
const OpenTask* task_around(const Run& run, StateIndex state) {
  for (StateIndex at = state; at != machine::k_no_state; at = run.state(at).parent) {
    if (const OpenTask* task = task_of(run.next, at)) return task;
  }
  return nullptr;
}

}  // namespace

void open_tasks(Run& run) {
  for (const StateIndex index : run.next.configuration) {
    const State& state = run.state(index);
    if (state.task && task_of(run.next, index) == nullptr) open_task(run, state);
  }
}

void close_task(Run& run, StateIndex state) {
  if (task_of(run.next, state) == nullptr) return;
  std::erase_if(run.draft.tasks(), [&](const OpenTask& task) { return task.state == state; });
}

std::optional<Timestamp> due_of_task(const Run& run, StateIndex state) {
  for (const machine::ArmedTimer& timer : run.next.timers) {
    if (timer.state == state && timer.index == machine::k_task_timer) return timer.due;
  }
  return std::nullopt;
}

void escalate_task(Run& run, StateIndex state) {
  const OpenTask* found = task_of(run.next, state);
  if (found == nullptr) return;
  const auto& steps = decl_of(run, *found).escalations;
  OpenTask& task = *changeable(run, *found);
  if (task.level < std::numeric_limits<std::uint16_t>::max()) ++task.level;
  if (task.level > steps.size()) return;
  const machine::Escalation& step = steps[task.level - 1u];
  OpenTask next = task;
  const bool moved =
      step.queue != nullptr && put(run, name_of(run, step.queue, "the queue"), next.queue, state);
  const bool given = step.assignee != nullptr &&
                     put(run, name_of(run, step.assignee, "the assignee"), next.assignee, state);
  if (step.roles != nullptr) put(run, names_of(run, step.roles, "roles"), next.roles, state);
  if (moved && !given) next.assignee.clear();
  if (moved || given) next.claimed_at.reset();
  task = std::move(next);
  run.transitioned = true;
  run.out.explanation.note = "task \"" + task.title + "\" escalates to level " +
                             std::to_string(task.level) + ": queue " + task.queue +
                             (task.assignee.empty() ? "" : ", " + task.assignee);
}

Processed move_task(Run& run, const TaskMoved& moved) {
  run.event = nullptr;
  if (auto why = why_not_open(run, moved.task)) return rejected(*std::move(why));
  if (!is_name(moved.actor.id)) {
    return rejected(invalid("actor_needed",
                            "a task is somebody's: say who you are, in one line of 1 to " +
                                std::to_string(k_max_task_name) + " bytes"));
  }
  const OpenTask& task = *find_task(run.next, moved.task);
  switch (moved.change) {
    case TaskChange::claim: return claim(run, task, moved.actor);
    case TaskChange::release: return release(run, task, moved);
    case TaskChange::assign: return assign_to(run, task, moved);
  }
  return {};
}

bool has_role(const Actor& actor, const std::vector<std::string>& roles) {
  if (roles.empty()) return true;
  return std::any_of(roles.begin(), roles.end(), [&](const std::string& role) {
    return std::find(actor.roles.begin(), actor.roles.end(), role) != actor.roles.end();
  });
}

std::optional<Error> why_not_open(const Run& run, const TaskRef& ref) {
  if (find_task(run.next, ref) != nullptr) return std::nullopt;
  const TaskId id{run.next.id, ref.entry, ref.index};
  return refused("task_closed",
                 "the task " + id.text() + " is not open: " + run.next.workflow + " " +
                     run.next.key + " is in " + state_text(run.machine, run.next));
}

std::optional<Error> why_not_theirs(Run& run, const ManualAction& action, const Actor& actor) {
  const OpenTask* task = task_around(run, action.state);
  if (task == nullptr || task->assignee.empty() || task->assignee == actor.id) return std::nullopt;
  if (action.approvals > 1 || is_supervisor(run, *task, actor)) return std::nullopt;
  return claimed_by(run, *task, "may do this");
}

std::optional<Error> why_not_as_task(Run& run,
                                     const ManualAction& action,
                                     const machine::ActionTaken& taken) {
  const OpenTask* task = task_around(run, action.state);
  if (taken.task && (task == nullptr || find_task(run.next, *taken.task) != task)) {
    const TaskId id{run.next.id, taken.task->entry, taken.task->index};
    return refused("action_not_available",
                   action.name + " is not an action of the task " + id.text());
  }
  if (auto why = why_not_theirs(run, action, taken.actor)) return why;
  const bool anothers = task != nullptr && !task->assignee.empty() &&
                        task->assignee != taken.actor.id && action.approvals <= 1;
  if (anothers && taken.reason.empty()) return reason_needed(*task);
  return std::nullopt;
}

void give_back(Run& run, const ManualAction& action, const Actor& actor) {
  const OpenTask* task = task_around(run, action.state);
  if (task == nullptr || task->assignee != actor.id) return;
  OpenTask* open = changeable(run, *task);
  open->assignee.clear();
  open->claimed_at.reset();
}

}  // namespace vozex::stepping

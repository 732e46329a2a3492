// SPDX-License-Identifier: Apache-2.0
// Tables of scenario tests (`*.test.yaml`), read by engine/lab.
#include <array>

#include "engine/language/grammar.h"

namespace vozex::language::grammar {
namespace {

constexpr std::array<std::string_view, 3> k_asked{"happened", "not_happened", "unclear"};

constexpr Form k_asked_form{.shapes = k_text, .text = Content::choice, .words = k_asked};
constexpr Form k_one_workflow{.shapes = k_text, .text = Content::workflow};
constexpr Form k_workflows{.shapes = k_list, .item = &k_one_workflow};
constexpr Form k_defaults{.shapes = k_map, .keys = &test_defaults};
constexpr Form k_one_scenario{.shapes = k_map, .keys = &scenario};
constexpr Form k_scenarios{.shapes = k_list, .item = &k_one_scenario};
constexpr Form k_one_step{.shapes = k_map, .keys = &step};
constexpr Form k_steps{.shapes = k_list, .item = &k_one_step};
constexpr Form k_one_answer{.shapes = k_map, .keys = &answer};
constexpr Form k_answers{.shapes = k_map | k_list, .keys = &answer, .item = &k_one_answer};
constexpr Form k_mocks{
    .shapes = k_map, .entry = &k_answers, .names = Content::called, .id = "mocks"};
constexpr Form k_input{.shapes = k_map, .entry = &forms::value, .names = Content::input_field};
constexpr Form k_data{.shapes = k_map, .entry = &forms::value, .names = Content::data_field};
constexpr Form k_config{.shapes = k_map, .entry = &forms::value, .names = Content::config_field};
constexpr Form k_members{.shapes = k_map | k_nothing, .entry = &forms::value};
constexpr Form k_event_form{.shapes = k_map,
                            .keys = &event_step,
                            .entry = &k_members,
                            .names = Content::event,
                            .together = true};
constexpr Form k_action_form{.shapes = k_map,
                             .keys = &action_step,
                             .entry = &k_members,
                             .names = Content::manual_action,
                             .together = true};
constexpr Form k_actor{.shapes = k_text | k_map, .text = Content::text, .keys = &actor};
constexpr Form k_role_list{.shapes = k_list, .item = &forms::text};
constexpr Form k_nothing_more{.shapes = k_map | k_nothing, .entry = &forms::value};
constexpr Form k_state{.shapes = k_text, .text = Content::state};
constexpr Form k_states{.shapes = k_text | k_list, .text = Content::state, .item = &k_state};
constexpr Form k_task_step{.shapes = k_map | k_nothing, .keys = &task_step};
constexpr Form k_migrate_form{.shapes = k_map | k_nothing, .keys = &migrate_step};
constexpr Form k_state_or_none{.shapes = k_text, .text = Content::any};
constexpr Form k_expect_form{.shapes = k_map, .keys = &expect};
constexpr Form k_of{.shapes = k_text | k_map, .text = Content::workflow, .keys = &expect_of};
constexpr Form k_calls{.shapes = k_map, .entry = &forms::value, .names = Content::called};
constexpr Form k_status{.shapes = k_text | k_nothing, .text = Content::status};
constexpr Form k_answer_error{
    .shapes = k_text | k_map, .text = Content::text, .keys = &answer_error};

constexpr KeySpec k_file_keys[] = {
    {.name = "workflow",
     .form = &forms::workflow_name,
     .doc = "The workflow under test.",
     .required = true},
    {"with_real",
     &k_workflows,
     "Children and emitted-to workflows that run for real; all others are mocked."},
    {"defaults", &k_defaults, "Merged under each scenario's own `start` and `mocks`."},
    {"config", &k_config, "Values of the workflow's `config:`."},
    {.name = "scenarios",
     .form = &k_scenarios,
     .doc = "Lives of one instance each, told in steps.",
     .required = true},
    {"title", &forms::text, "Its name for people."},
    {"doc", &forms::text, "What it is about."},
};

constexpr KeySpec k_default_keys[] = {
    {"start", &k_input, "Input of every scenario; its own members win."},
    {"mocks", &k_mocks, "Answers of every scenario; its own win."},
};

constexpr KeySpec k_scenario_keys[] = {
    {.name = "name", .form = &forms::text, .doc = "What it shows.", .required = true},
    {"start", &k_input, "The input that the instance is started with at the beginning."},
    {"mocks",
     &k_mocks,
     "Answers by operation or child workflow. A list answers one attempt after the other; the last "
     "repeats."},
    {"with_real", &k_workflows, "Workflows that run for real in this scenario."},
    {"config", &k_config, "Values of the workflow's `config:`."},
    {"version",
     &forms::integer,
     "The version that the instance begins with, for scenarios that migrate; the newest without "
     "it."},
    {"steps", &k_steps, "What happens and what is expected, in order."},
    {"doc", &forms::text, "Why."},
};

constexpr KeySpec k_step_keys[] = {
    {"expect",
     &k_expect_form,
     "What must be so now. Maps hold what must be there, not all that is; null means absent."},
    {"event",
     &k_event_form,
     "An event from outside: `{name: {data}, id: e1}`, or `{duplicate_of: e1}`."},
    {"action", &k_action_form, "A person does something: `{name: {form}, as: {id, roles}}`."},
    {"advance", &forms::duration, "Time passes; timers fire and answers arrive."},
    {"start", &k_input, "Starts the instance; members override the default input."},
    {"config", &k_config, "The installation changes its values."},
    {"claim", &k_task_step, "A person takes the open task: `{as: {id: ann, roles: [ops]}}`."},
    {"release", &k_task_step, "A person gives the open task back to its queue."},
    {"assign", &k_task_step, "A person gives the open task to somebody: `{to: bob, as: ann}`."},
    {"suspend", &k_nothing_more, "Ops suspend the instance."},
    {"resume", &k_nothing_more, "Ops resume it."},
    {"move", &k_state_or_none, "Ops move it into a state; \"\" drops the event that holds it."},
    {"patch", &k_data, "Ops change its data."},
    {"migrate",
     &k_migrate_form,
     "The instance becomes one of the newest version, or of `{to: 3}`, by what that file says "
     "under `migrate`."},
};

constexpr KeySpec k_task_step_keys[] = {
    {"as", &k_actor, "Who does it."},
    {"to", &forms::text, "Whose it shall be, with `assign`."},
    {"reason", &forms::text, "Why, in place of who has the task."},
    {"queue", &forms::text, "Which task, when several are open."},
};

constexpr KeySpec k_migrate_step_keys[] = {
    {"to", &forms::integer, "The version; the newest without it."},
};

constexpr KeySpec k_event_step_keys[] = {
    {"id", &forms::text, "Its id; the same id again is a duplicate."},
    {"source", &forms::text, "Its source."},
    {"subject", &forms::text, "Its subject."},
    {"time", &forms::text, "When its sender says it happened; without it: now."},
    {"duplicate_of", &forms::text, "The event of this id once more, and nothing else."},
};

constexpr KeySpec k_action_step_keys[] = {
    {"as", &k_actor, "Who does it."},
    {"of", &forms::workflow_name, "The workflow whose instance is meant."},
    {"reason", &forms::text, "Why, in place of who has the task."},
};

constexpr KeySpec k_actor_keys[] = {
    {"id", &forms::text, "Who."},
    {"roles", &k_role_list, "With which roles."},
};

constexpr KeySpec k_expect_keys[] = {
    {"of", &k_of, "The instance that is meant: the newest of this workflow, or `{workflow, key}`."},
    {"state",
     &k_states,
     "The active states, by full path; a parent matches its substates; a list wants all."},
    {"status", &k_status, "The public word."},
    {"data", &k_data, "Data, in part."},
    {"calls",
     &k_calls,
     "Attempts of calls and starts of children so far: how many, or a list of inputs."},
    {"emitted",
     &forms::value,
     "Each was emitted at some time: `[name, {name: {data}}]`; `[]`: nothing was."},
    {"reply", &forms::value, "The first answer to whoever invoked it; null: none yet."},
    {"timers", &forms::value, "Armed timers: how many, or the states they belong to."},
    {"tasks",
     &forms::value,
     "Open tasks, in order: of each its queue, or a map of what must be so of `queue`, `title`, "
     "`roles`, `assignee`, `due`, `level` and `state`."},
    {"deferred", &forms::value, "Events kept for later, in order."},
    {"incident", &forms::value, "The code of an open incident; null: none."},
    {"output", &forms::value, "What it gave at its end."},
    {"outcome",
     &forms::text,
     "Of the last event or action: transitioned, deferred, waiting, ignored, duplicate, rejected, "
     "stale, queued, ended, incident, created."},
    {"life", &forms::text, "running, held, suspended, completed, failed, cancelled."},
    {"error", &forms::value, "Why it ended."},
    {"rejection", &forms::value, "Why the last action or event was refused; null: it wasn't."},
};

constexpr KeySpec k_expect_of_keys[] = {
    {.name = "workflow", .form = &forms::workflow_name, .doc = "The workflow.", .required = true},
    {"key", &forms::text, "The business key."},
};

constexpr KeySpec k_answer_keys[] = {
    {"return", &forms::value, "The result, or a child's reply."},
    {"error", &k_answer_error, "It failed: `{code: declined}`."},
    {"unknown", &forms::boolean, "Nobody knows whether it was done."},
    {"never", &forms::boolean, "No answer at all."},
    {"asked", &k_asked_form, "With `unknown`: what the operation named by `ask` finds."},
    {"after", &forms::duration, "When the answer comes."},
};

constexpr KeySpec k_answer_error_keys[] = {
    {.name = "code", .form = &forms::text, .doc = "The error's code.", .required = true},
    {"message", &forms::text, "For people."},
    {"retryable", &forms::boolean, "Overrides what the code means."},
    {"details", &forms::value, "Anything more."},
};

}  // namespace

constinit const Schema test_file{"a test file", "test_file", k_file_keys};
constinit const Schema test_defaults{"`defaults`", "test_defaults", k_default_keys};
constinit const Schema scenario{"a scenario", "scenario", k_scenario_keys};
constinit const Schema step{"a step", "step", k_step_keys};
constinit const Schema task_step{"a step of a task", "task_step", k_task_step_keys};
constinit const Schema migrate_step{"`migrate`", "migrate_step", k_migrate_step_keys};
constinit const Schema event_step{"`event`", "event_step", k_event_step_keys};
constinit const Schema action_step{"`action`", "action_step", k_action_step_keys};
constinit const Schema actor{"`as`", "actor", k_actor_keys};
constinit const Schema expect{"`expect`", "expect", k_expect_keys};
constinit const Schema expect_of{"`of`", "expect_of", k_expect_of_keys};
constinit const Schema answer{"an answer", "answer", k_answer_keys};
constinit const Schema answer_error{"`error`", "answer_error", k_answer_error_keys};

constinit const std::span<const std::string_view> k_asked_words{k_asked};

}  // namespace vozex::language::grammar

// SPDX-License-Identifier: Apache-2.0
// Tables of states and of what happens in them.
#include <array>

#include "engine/language/grammar.h"

namespace vozex::language::grammar {
namespace {

constexpr std::array<std::string_view, 2> k_state_type{"final", "history"};
constexpr std::array<std::string_view, 3> k_outcome{"completed", "failed", "cancelled"};
constexpr std::array<std::string_view, 1> k_compensate_all{"all"};

constexpr Form k_state_type_form{.shapes = k_text, .text = Content::choice, .words = k_state_type};
constexpr Form k_outcome_form{.shapes = k_text, .text = Content::choice, .words = k_outcome};
constexpr Form k_inner_state{.shapes = k_text, .text = Content::state};
constexpr Form k_inner_states{
    .shapes = k_text | k_list, .text = Content::state, .item = &k_inner_state};
// One block, or a list of blocks.
constexpr Form k_action_form{.shapes = k_map, .keys = &action};
constexpr Form k_block_or_action{.shapes = k_list | k_map, .keys = &action, .item = &k_action_form};
constexpr Form k_blocks{.shapes = k_list | k_map, .keys = &action, .item = &k_block_or_action};
constexpr Form k_status{.shapes = k_text, .text = Content::status};
constexpr Form k_error_form{.shapes = k_map, .keys = &error};
constexpr Form k_after{.shapes = k_map, .entry = &forms::transitions, .names = Content::moment};
constexpr Form k_every_item{
    .shapes = k_map, .keys = &cron, .entry = &forms::transitions, .names = Content::moment};
constexpr Form k_every{.shapes = k_map | k_list,
                       .keys = &cron,
                       .entry = &forms::transitions,
                       .names = Content::moment,
                       .item = &k_every_item};
constexpr Form k_one_invoke{.shapes = k_map, .keys = &invoke};
constexpr Form k_invokes{.shapes = k_list | k_map, .keys = &invoke, .item = &k_one_invoke};
constexpr Form k_task_form{.shapes = k_map, .keys = &task};
constexpr Form k_roles{.shapes = k_text | k_list, .text = Content::value, .item = &forms::text};
constexpr Form k_escalation{.shapes = k_map, .keys = &escalation};
constexpr Form k_escalations{.shapes = k_list | k_map, .keys = &escalation, .item = &k_escalation};
constexpr Form k_overdue_form{
    .text = Content::state, .keys = &overdue, .item = &forms::transitions};
constexpr Form k_guard{.text = Content::expression};
constexpr Form k_one_workflow{.shapes = k_text, .text = Content::workflow};
constexpr Form k_workflows{.shapes = k_list, .item = &k_one_workflow};
constexpr Form k_compensate_form{.shapes = k_text | k_map,
                                 .text = Content::choice,
                                 .words = k_compensate_all,
                                 .keys = &compensate};
constexpr Form k_join{.shapes = k_text, .text = Content::expression};

constexpr KeySpec k_state_keys[] = {
    {"initial",
     &k_inner_state,
     "The state inside that is entered first; without it the first one."},
    {"states", &forms::states, "States inside, one of which is active."},
    {"regions",
     &forms::states,
     "Regions inside, all active side by side: `{name: {initial, states}}`."},
    {"type",
     &k_state_type_form,
     "`final`: an end, of its parent or, at the top, of the instance. `history`: where the parent "
     "was when it was left."},
    {"output", &forms::values, "What the workflow gives at this end."},
    {"outcome",
     &k_outcome_form,
     "Of a final state at the top: `completed` (default), `failed` or `cancelled`."},
    {"error", &k_error_form, "Why it failed: `{code, message}`, with `outcome: failed`."},
    {"deep", &forms::boolean, "Of a history state: all the way down."},
    {"default",
     &k_inner_states,
     "Of a history state: where to go the first time; several when they stand in different "
     "regions."},
    {"status",
     &k_status,
     "The public word while here, declared under `status:` at the top, or ${...}."},
    {"on",
     &forms::on,
     "Transitions by event: of a list the first fires whose `when` holds.",
     "on: {order.cancel: closed}"},
    {"always", &forms::transitions, "Transitions without an event, tried in each step."},
    {"after",
     &k_after,
     "Timers from the entry of the state: a duration, or ${...} of a duration or timestamp.",
     "after: {30m: expired}"},
    {"every",
     &k_every,
     "Recurring timers: `{6h: {do: [...]}}`, or `{cron, timezone, do}`.",
     "every: {6h: {do: [{log: still waiting}]}}"},
    {"on_entry",
     &k_blocks,
     "Actions when the state is entered; of a list of lists a failing action ends its own."},
    {"on_exit", &k_blocks, "Actions when the state is left; a list of lists as in `on_entry`."},
    {"on_done",
     &forms::transitions,
     "Transition when all inside is final; in a state without states, when its invokes are done."},
    {"invoke",
     &k_invokes,
     "Work that lives as long as the state: calls of adapters, child workflows.",
     "invoke: {call: adapter.operation}"},
    {"task", &k_task_form, "An entry in people's inbox while the state is active."},
    {"actions",
     &forms::manual_actions,
     "What people may do here.",
     "actions: {retry: {title: Try again, target: opening}}"},
    {"tags", &forms::texts, "Words for people and tools."},
    {"title", &forms::text, "Its name for people."},
    {"doc", &forms::text, "What it means."},
};

constexpr KeySpec k_transition_keys[] = {
    {"target",
     &forms::targets,
     "The state to enter; several when they stand in different regions; without it: stay."},
    {"when", &k_guard, "Guard: a bare expression."},
    {"set",
     &forms::assignments,
     "Changes of data. All right sides see the old data; runs before `do`.",
     "set: {field: value}"},
    {"do", &forms::block, "Actions."},
    {"reenter",
     &forms::boolean,
     "With a target that is this state or inside it: `true` leaves it and enters it anew, `false` "
     "stays."},
    {"defer",
     &forms::boolean,
     "Below `on` only: keep the event, and offer it again after each change of state."},
    {"doc", &forms::text, "Why."},
};

constexpr KeySpec k_cron_keys[] = {
    {.name = "cron",
     .form = &forms::cron,
     .doc = "minute hour day-of-month month day-of-week: \"0 3 * * *\" is every day at 03:00.",
     .required = true},
    {"timezone", &forms::timezone, "A name of the IANA database; UTC without it."},
    {"do", &forms::block, "Actions."},
    {"set", &forms::assignments, "Changes of data."},
    {"when", &k_guard, "Guard: a bare expression."},
    {"target", &forms::targets, "The state to enter."},
    {"reenter", &forms::boolean, "With a target that is this state or inside it."},
    {"doc", &forms::text, "Why."},
};

constexpr KeySpec k_manual_keys[] = {
    {"title", &forms::text, "What people read on the button."},
    {"roles", &forms::texts, "Who may; without it anybody with access."},
    {"form", &forms::fields, "Fields to fill in, read as `event.form`."},
    {"prefill", &forms::member_values, "Values that the form starts with."},
    {"confirm", &forms::boolean, "Ask once more."},
    {"when", &k_guard, "Whether it is offered: sees `actor` and data, not the form."},
    {"approvals", &forms::integer, "How many people must do it."},
    {"target", &forms::targets, "The state to enter."},
    {"set", &forms::assignments, "Changes of data.", "set: {field: value}"},
    {"do", &forms::block, "Actions."},
    {"reenter", &forms::boolean, "With a target that is this state or inside it."},
    {"then",
     &forms::transitions,
     "Instead of `target`: of these transitions the first fires whose `when` holds."},
    {"doc", &forms::text, "What it does."},
};

constexpr KeySpec k_task_keys[] = {
    {.name = "queue", .form = &forms::input_text, .doc = "Where people find it.", .required = true},
    {"roles", &k_roles, "Who may see and take it."},
    {"assignee", &forms::input_text, "Whose it is."},
    {"due", &forms::moment, "When it should be done: a duration from entry, or ${...}."},
    {"overdue", &k_overdue_form, "Transition when it is due and not done."},
    {"supervisors",
     &k_roles,
     "Roles that may take a task away from who has it, or do it in their place, with a reason."},
    {"title", &forms::input_text, "What people read; without it the state's title."},
    {"doc", &forms::text, "What is to be done."},
};

constexpr KeySpec k_overdue_keys[] = {
    {"repeat", &forms::duration, "Again and again while the task is open."},
    {"escalate",
     &k_escalations,
     "Who gets the task then: the first step when it is due, the second at the first repetition, "
     "and so on.",
     "escalate: [{queue: leads}]"},
    {"target", &forms::targets, "The state to enter."},
    {"when", &k_guard, "Guard: a bare expression."},
    {"set", &forms::assignments, "Changes of data.", "set: {field: value}"},
    {"do", &forms::block, "Actions."},
    {"reenter", &forms::boolean, "With a target that is this state or inside it."},
    {"then",
     &forms::transitions,
     "Instead of `target`: of these transitions the first fires whose `when` holds."},
    {"doc", &forms::text, "Why."},
};

constexpr KeySpec k_escalation_keys[] = {
    {"queue", &forms::input_text, "Where the task goes; whoever had it has it no longer."},
    {"roles", &k_roles, "Who may take it now."},
    {"assignee", &forms::input_text, "Whose it is now."},
    {"doc", &forms::text, "Why."},
};

constexpr KeySpec k_invoke_keys[] = {
    {"id", &forms::name, "Its name in `invoked.<id>`."},
    {"call", &forms::operation_ref, "`adapter.operation`, declared in an `adapter:` file."},
    {"workflow", &forms::workflow_name, "A child workflow; its newest version is started."},
    {"compensate",
     &k_compensate_form,
     "`{call, with}`: how this call is undone later; sees `result`. `all`, instead of a call: undo "
     "the finished calls of this instance, newest first."},
    {"with", &forms::values, "Input of the call."},
    {"input", &forms::values, "Input of the child workflow."},
    {"one_of",
     &k_workflows,
     "Where the name of the child is computed: the workflows it may be. "
     "`fulfillment_<item.driver>` is "
     "one for each option of that field.",
     "one_of: [fulfillment_<item.driver>]"},
    {"timeout", &forms::moment, "Of one attempt."},
    {"retry", &forms::retry, "A retry policy, by name or inline."},
    {"idempotency_key", &forms::input_text, "By default stable for this call."},
    {"for_each", &forms::loop, "One for each item of a list.", "for_each: {line: input.lines}"},
    {"limit", &forms::integer, "How many run at once."},
    {"join", &k_join, "When a fan-out is done: `all` (every one settled), `any`, or a condition."},
    {"on_each", &forms::transitions, "Transition as each one settles."},
    {"on_done", &forms::transitions, "Transition when it is done; sees `result`."},
    {"on_error",
     &forms::transitions,
     "Transition when it failed for good; sees `error`. Nobody takes it: an incident."},
    {"title", &forms::text, "Its name for people."},
    {"doc", &forms::text, "What it does."},
};

constexpr KeySpec k_compensate_keys[] = {
    {.name = "call",
     .form = &forms::operation_ref,
     .doc = "The operation that undoes.",
     .required = true},
    {"with", &forms::values, "Its input; sees `result` of the call that is undone."},
};

}  // namespace

constinit const Schema state{"a state", "state", k_state_keys};
constinit const Schema transition{"a transition", "transition", k_transition_keys};
constinit const Schema cron{"an `every` with cron", "cron", k_cron_keys};
constinit const Schema manual_action{"a manual action", "manual_action", k_manual_keys};
constinit const Schema task{"a `task`", "task", k_task_keys};
constinit const Schema overdue{"`overdue`", "overdue", k_overdue_keys};
constinit const Schema escalation{"a step of `escalate`", "escalation", k_escalation_keys};
constinit const Schema invoke{"an `invoke`", "invoke", k_invoke_keys};
constinit const Schema compensate{"`compensate`", "compensate", k_compensate_keys};

constinit const std::span<const std::string_view> k_state_type_words{k_state_type};
constinit const std::span<const std::string_view> k_outcome_words{k_outcome};
constinit const std::span<const std::string_view> k_compensate_words{k_compensate_all};

}  // namespace vozex::language::grammar

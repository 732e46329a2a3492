// SPDX-License-Identifier: Apache-2.0
// Tables of workflow, `types_of:` and `adapter:` files, and of what they declare.
#include <array>

#include "engine/language/grammar.h"

namespace vozex::language::grammar {
namespace {

template <std::size_t N>
using Words = std::array<std::string_view, N>;

constexpr Words<2> k_reuse{"never", "after_end"};
constexpr Words<4> k_unhandled{"ignore", "defer", "reject", "incident"};
constexpr Words<2> k_early{"keep", "drop"};
constexpr Words<3> k_senders{"anybody", "gateways", "instances"};
constexpr Words<2> k_starters{"anybody", "instances"};
constexpr Words<2> k_error_mode{"incident", "event"};
constexpr Words<2> k_timers{"keep", "restart"};
constexpr Words<8> k_format{
    "email", "uri", "uuid", "date", "date-time", "hostname", "ipv4", "ipv6"};
constexpr Words<1> k_language_version{"1"};
constexpr Words<3> k_repeat{"safe", "by_key", "never"};

constexpr Form choice(std::span<const std::string_view> words) {
  return {.shapes = k_text, .text = Content::choice, .words = words};
}

constexpr Form k_reuse_form = choice(k_reuse);
constexpr Form k_unhandled_form = choice(k_unhandled);
constexpr Form k_early_form = choice(k_early);
constexpr Form k_sender_form = choice(k_senders);
constexpr Form k_starter_form = choice(k_starters);
constexpr Form k_error_mode_form = choice(k_error_mode);
constexpr Form k_timers_form = choice(k_timers);
constexpr Form k_format_form = choice(k_format);
constexpr Form k_repeat_form = choice(k_repeat);

constexpr Form k_vozex{.shapes = k_text, .text = Content::integer, .words = k_language_version};
constexpr Form k_initial{.shapes = k_text, .text = Content::state};
constexpr Form k_one_expression{.shapes = k_text, .text = Content::expression};
constexpr Form k_key_form{
    .shapes = k_text | k_map, .text = Content::expression, .keys = &business_key};
constexpr Form k_named_expressions{
    .shapes = k_map, .entry = &forms::expression, .names = Content::name};
constexpr Form k_status_words{.shapes = k_map, .entry = &forms::text, .names = Content::name};
constexpr Form k_one_event{.shapes = k_map | k_nothing, .keys = &event};
constexpr Form k_events{.shapes = k_map, .entry = &k_one_event, .names = Content::event_name};
constexpr Form k_shared_events{
    .shapes = k_map, .entry = &forms::fields, .names = Content::event_name};
constexpr Form k_match_item{
    .text = Content::expression, .entry = &forms::expression, .names = Content::alias};
constexpr Form k_match{.text = Content::expression,
                       .entry = &forms::expression,
                       .names = Content::alias,
                       .item = &k_match_item};
constexpr Form k_start_form{.shapes = k_map, .keys = &start};
constexpr Form k_one_rule{.shapes = k_map, .keys = &start_rule};
constexpr Form k_start_on{.shapes = k_map, .entry = &k_one_rule, .names = Content::event};
constexpr Form k_one_invariant{.shapes = k_map, .keys = &invariant};
constexpr Form k_invariants{.shapes = k_list, .item = &k_one_invariant};
constexpr Form k_one_property{.shapes = k_map, .keys = &property};
constexpr Form k_properties{.shapes = k_list, .item = &k_one_property};
constexpr Form k_one_migration{.shapes = k_map, .keys = &migrate};
constexpr Form k_migrations{.shapes = k_map | k_list, .keys = &migrate, .item = &k_one_migration};
constexpr Form k_new_state{.shapes = k_text, .text = Content::state};
constexpr Form k_state_map{.shapes = k_map, .entry = &k_new_state, .names = Content::any};
constexpr Form k_migrate_data_form{.shapes = k_map, .keys = &migrate_data};
constexpr Form k_one_schedule{.shapes = k_map, .keys = &schedule};
constexpr Form k_schedules{.shapes = k_map | k_list, .keys = &schedule, .item = &k_one_schedule};
constexpr Form k_warnings{.shapes = k_map, .entry = &forms::text, .names = Content::warning_code};
constexpr Form k_one_operation{.shapes = k_map, .keys = &operation};
constexpr Form k_operations{.shapes = k_map, .entry = &k_one_operation, .names = Content::name};
constexpr Form k_own_operation{.shapes = k_text, .text = Content::own_operation};
constexpr Form k_one_type{.shapes = k_text, .text = Content::type};
constexpr Form k_options{.shapes = k_list, .item = &forms::text};

constexpr KeySpec k_workflow_keys[] = {
    {.name = "vozex", .form = &k_vozex, .doc = "Version of the language: 1.", .required = true},
    {.name = "workflow",
     .form = &forms::name,
     .doc = "Name of the lifecycle: letters, digits and _.",
     .required = true},
    {.name = "version",
     .form = &forms::integer,
     .doc =
         "Grows with each change that is deployed. Instances stay on the version they began with.",
     .required = true},
    {"title", &forms::text, "Its name for people."},
    {"doc", &forms::text, "What it is for."},
    {"import",
     &forms::imports,
     "Shared types, events and policies, by the name of their `types_of:` file."},
    {"key",
     &k_key_form,
     "Business key: a text over `input`, unique per tenant and workflow and never used again. "
     "`{value: input.id, reuse: after_end}` allows it again after the end."},
    {"types", &forms::types, "Named types of this file."},
    {"input",
     &forms::fields,
     "What an instance starts with: fields with their types, or the name of an object type."},
    {"output", &forms::fields, "What it gives at the end or by `reply`."},
    {"status",
     &k_status_words,
     "Public words for people and other systems, each with its text: `{paid: Paid}`."},
    {"data",
     &forms::fields,
     "What an instance keeps. Each field has a default, is optional<T>, or is json.",
     "data: {note: optional<string>}"},
    {"aliases",
     &k_named_expressions,
     "Further keys that events find the instance by; they may appear later. A list gives one alias "
     "each."},
    {"search",
     &k_named_expressions,
     "Fields that people and services find instances by: typed and indexed."},
    {"events",
     &k_events,
     "Events that this lifecycle takes: their data, how they find their instance, what happens "
     "when nobody takes them."},
    {"start", &k_start_form, "What starts an instance besides a call: events and schedules."},
    {"policies", &forms::policies, "Named retry policies."},
    {"config", &forms::fields, "Values that the installation sets, read as `config.x`."},
    {"invariants",
     &k_invariants,
     "What must hold after each step. A broken one refuses the step with an incident."},
    {"properties",
     &k_properties,
     "Claims about every run, which `verify` examines.",
     "properties: [{name: paid once, always: data.paid <= 1}]"},
    {"errors",
     &k_error_mode_form,
     "When an expression fails and no active state takes the error: `incident` (default) undoes "
     "the "
     "step, `event` goes on as SCXML does."},
    {"migrate",
     &k_migrations,
     "How instances of an older version become instances of this one.",
     "migrate: {from: 1, states: {old_name: new_name}}"},
    {"warnings",
     &k_warnings,
     "Warnings that are silenced in this file, by code, each with a reason."},
    {"on",
     &forms::on,
     "Transitions by event that hold in every state.",
     "on: {order.cancel: closed}"},
    {"actions",
     &forms::manual_actions,
     "What people may do in every state.",
     "actions: {retry: {title: Try again, target: opening}}"},
    {"initial", &k_initial, "The state that is entered first; without it the first one."},
    {.name = "states", .form = &forms::states, .doc = "The states, by name.", .required = true},
};

constexpr KeySpec k_shared_keys[] = {
    {.name = "vozex", .form = &k_vozex, .doc = "Version of the language: 1.", .required = true},
    {.name = "types_of",
     .form = &forms::name,
     .doc = "Name of these shared types: what others `import`.",
     .required = true},
    {"title", &forms::text, "Its name for people."},
    {"doc", &forms::text, "What it is for."},
    {"import", &forms::imports, "Other shared types that these use."},
    {"types", &forms::types, "Named types."},
    {"events",
     &k_shared_events,
     "Events and the fields of their data: `order.paid: {order_id: string}`."},
    {"policies", &forms::policies, "Named retry policies."},
};

constexpr KeySpec k_adapter_keys[] = {
    {.name = "vozex", .form = &k_vozex, .doc = "Version of the language: 1.", .required = true},
    {.name = "adapter",
     .form = &forms::name,
     .doc = "Its name: calls say `adapter.operation`.",
     .required = true},
    {"title", &forms::text, "Its name for people."},
    {"doc", &forms::text, "What it is for."},
    {"import", &forms::imports, "Shared types that its operations use."},
    {"types", &forms::types, "Named types of this file."},
    {"http",
     &forms::http,
     "The web service that carries the operations out: no C++ is needed. Each operation says its "
     "`request`.",
     "http: {base: https://api.example.com/v1, auth: {bearer: EXAMPLE_KEY}}"},
    {.name = "operations",
     .form = &k_operations,
     .doc = "What it can do, by name.",
     .required = true},
};

constexpr KeySpec k_operation_keys[] = {
    {"input",
     &forms::fields,
     "What it takes: fields with their types, or the name of an object type."},
    {"output", &forms::type, "What it gives; without it `result` is not seen."},
    {"errors", &forms::texts, "Error codes of its own, besides those that every call can have."},
    {"repeat",
     &k_repeat_form,
     "May it be done again? `safe`: any number of times; `by_key`: the same idempotency key does "
     "it "
     "once; `never` (default)."},
    {"ask",
     &k_own_operation,
     "The operation that settles whether a call whose answer was lost has happened. It takes the "
     "same input."},
    {"ask_after",
     &forms::duration,
     "How long the other side may still be at work on a call whose answer was lost: it is asked "
     "after that."},
    {"read_only", &forms::boolean, "It changes nothing, so a late end needs no undoing."},
    {"request",
     &forms::http_request,
     "With `http`: the request that carries it out.",
     "request: {method: GET, path: \"/parcels/${input.id}\"}"},
    {"idempotency_header",
     &forms::text,
     "With `http`: the header that carries the call's idempotency key, the same in every attempt. "
     "`repeat: by_key` needs it."},
    {"answers",
     &forms::http_answers,
     "With `http`: what each status means; `else` is all others. What isn't listed has defaults.",
     "answers: {200-299: {output: {id: \"${response.body.id}\"}}, 404: {error: not_found}}"},
    {"title", &forms::text, "Its name for people."},
    {"doc", &forms::text, "What it does."},
};

constexpr KeySpec k_key_keys[] = {
    {.name = "value",
     .form = &k_one_expression,
     .doc = "The key: a text over `input`.",
     .required = true},
    {"reuse",
     &k_reuse_form,
     "`never` (default), or `after_end`: the key may be taken again once the instance has ended."},
};

constexpr KeySpec k_event_keys[] = {
    {"data", &forms::fields, "Fields of its data, unless an import has them."},
    {"match",
     &k_match,
     "How it finds its instance: an expression is compared with the business key, `{alias: "
     "expression}` with an alias. Of a list the first counts that has a value and finds somebody."},
    {"unhandled",
     &k_unhandled_form,
     "When no active state takes it: `ignore` (default, recorded), `defer`, `reject` or "
     "`incident`."},
    {"early", &k_early_form, "When there is no instance yet: `keep` (default) or `drop`."},
    {"from",
     &k_sender_form,
     "Who may send it: `anybody` (default), `gateways` (verified webhooks) or `instances` (what "
     "workflows emit). From others it is refused."},
    {"title", &forms::text, "Its name for people."},
    {"doc", &forms::text, "What it says."},
};

constexpr KeySpec k_start_keys[] = {
    {"on",
     &k_start_on,
     "Events that start an instance, each with the input they give. A live key gets the event "
     "instead."},
    {"schedule", &k_schedules, "Moments of the calendar, each of which starts an instance."},
    {"from",
     &k_starter_form,
     "Who may start one with an input of their own: `anybody` (default), or `instances` (what "
     "workflows invoke and start). From others it is refused."},
};

constexpr KeySpec k_rule_keys[] = {
    {"input", &forms::values, "The input of the new instance, over `event`."},
    {"when", &forms::expression, "Starts one only when this holds."},
    {"doc", &forms::text, "Why."},
};

constexpr KeySpec k_schedule_keys[] = {
    {.name = "cron",
     .form = &forms::cron,
     .doc = "minute hour day-of-month month day-of-week: \"0 3 * * *\" is every day at 03:00.",
     .required = true},
    {"timezone", &forms::timezone, "A name of the IANA database; UTC without it."},
    {"input",
     &forms::values,
     "The input of the new instance, over `now` (the moment) and `config`."},
    {"doc", &forms::text, "Why."},
};

constexpr KeySpec k_property_keys[] = {
    {.name = "name", .form = &forms::text, .doc = "The claim, in words.", .required = true},
    {"always", &forms::expression, "Holds after every step."},
    {"never", &forms::expression, "Holds after no step."},
    {"eventually",
     &forms::expression,
     "Each run that comes to its end has held it; with `after`, then or later."},
    {"after", &forms::expression, "Once this has held, `eventually` holds then or later."},
    {"first", &forms::expression, "Has held before `before` does."},
    {"before", &forms::expression, "Never holds before `first` has."},
    {"doc", &forms::text, "Why."},
};

constexpr KeySpec k_migrate_keys[] = {
    {.name = "from",
     .form = &forms::integer,
     .doc = "The older version that instances come from.",
     .required = true},
    {"states",
     &k_state_map,
     "`{old: new}`, full paths; others keep theirs.",
     "states: {old_name: new_name}"},
    {"data",
     &k_migrate_data_form,
     "How data become those of this version.",
     "data: {set: {field: \"${data.old_field}\"}}"},
    {"timers",
     &k_timers_form,
     "`keep` (default): timers keep their due moment; `restart`: all are armed anew."},
    {"doc", &forms::text, "Why."},
};

constexpr KeySpec k_migrate_data_keys[] = {
    {.name = "set",
     .form = &forms::assignments,
     .doc = "Fields of the new data; the right sides see the old.",
     .example = "set: {field: value}",
     .required = true},
};

constexpr KeySpec k_invariant_keys[] = {
    {.name = "name", .form = &forms::text, .doc = "What must hold, in words.", .required = true},
    {.name = "holds",
     .form = &forms::expression,
     .doc = "What must hold after each step.",
     .required = true},
    {"doc", &forms::text, "Why."},
};

constexpr KeySpec k_policy_keys[] = {
    {"attempts", &forms::integer, "How often it is tried in all."},
    {"backoff", &forms::duration, "Delay before the second attempt."},
    {"factor", &forms::number, "Each delay is the last one times this; 1 or more."},
    {"max", &forms::duration, "The longest delay."},
    {"jitter", &forms::number, "Delays vary by this share, from 0 to 1."},
    {"deadline", &forms::duration, "After this long no further attempt is made."},
    {"doc", &forms::text, "What it is for."},
};

constexpr KeySpec k_long_type_keys[] = {
    {.name = "type", .form = &k_one_type, .doc = "The type, in short notation.", .required = true},
    {"default", &forms::value, "The value when none is given; may be ${...} over `input`."},
    {"min", &forms::number, "Least value of a number."},
    {"max", &forms::number, "Greatest value of a number."},
    {"min_length", &forms::integer, "Least length of a text, or least size of a list or map."},
    {"max_length",
     &forms::integer,
     "Greatest length of a text, or greatest size of a list or map."},
    {"pattern", &forms::text, "A regular expression that the whole text matches."},
    {"format", &k_format_form, "What the text is."},
    {"options", &k_options, "The words of an enum, when its type is `enum`."},
    {"doc", &forms::text, "What the field means."},
};

}  // namespace

constinit const Schema workflow{"a workflow", "workflow", k_workflow_keys};
constinit const Schema shared_types{"a `types_of:` file", "shared_types", k_shared_keys};
constinit const Schema adapter{"an `adapter:` file", "adapter", k_adapter_keys};
constinit const Schema operation{"an operation", "operation", k_operation_keys};
constinit const Schema business_key{"`key`", "business_key", k_key_keys};
constinit const Schema event{"an event", "event", k_event_keys};
constinit const Schema start{"`start`", "start", k_start_keys};
constinit const Schema start_rule{"a start rule", "start_rule", k_rule_keys};
constinit const Schema schedule{"a schedule", "schedule", k_schedule_keys};
constinit const Schema property{"a property", "property", k_property_keys};
constinit const Schema migrate{"`migrate`", "migrate", k_migrate_keys};
constinit const Schema migrate_data{"`data` of `migrate`", "migrate_data", k_migrate_data_keys};
constinit const Schema invariant{"an invariant", "invariant", k_invariant_keys};
constinit const Schema policy{"a retry policy", "policy", k_policy_keys};
constinit const Schema long_type{"a long type {type, default, ...}", "long_type", k_long_type_keys};

constinit const std::span<const std::string_view> k_reuse_words{k_reuse};
constinit const std::span<const std::string_view> k_unhandled_words{k_unhandled};
constinit const std::span<const std::string_view> k_early_words{k_early};
constinit const std::span<const std::string_view> k_sender_words{k_senders};
constinit const std::span<const std::string_view> k_starter_words{k_starters};
constinit const std::span<const std::string_view> k_error_mode_words{k_error_mode};
constinit const std::span<const std::string_view> k_timers_words{k_timers};
constinit const std::span<const std::string_view> k_format_words{k_format};
constinit const std::span<const std::string_view> k_repeat_words{k_repeat};

}  // namespace vozex::language::grammar

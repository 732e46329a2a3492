// SPDX-License-Identifier: Apache-2.0
// Tables of actions: what stands in `do`, `on_entry` and `on_exit`.
#include <array>

#include "engine/language/grammar.h"

namespace vozex::language::grammar {
namespace {

constexpr std::array<std::string_view, 2> k_send_to{"self", "parent"};

constexpr Form k_emit_form{.shapes = k_map, .keys = &emit};
constexpr Form k_raise_form{.shapes = k_text | k_map, .text = Content::event, .keys = &raise};
constexpr Form k_start_form{.shapes = k_map, .keys = &start_instance};
constexpr Form k_send_form{.shapes = k_map, .keys = &send};
constexpr Form k_error_form{.shapes = k_map, .keys = &error};
constexpr Form k_reply{
    .shapes = k_text | k_map, .text = Content::value, .keys = &error_reply, .entry = &forms::value};
constexpr Form k_to{
    .shapes = k_text | k_map, .text = Content::choice, .words = k_send_to, .keys = &send_to_child};
constexpr Form k_invoke_id{.shapes = k_text, .text = Content::invoke_id};

constexpr KeySpec k_action_keys[] = {
    {"set",
     &forms::assignments,
     "Changes data. A path is `field`, `field.member`, `list[0]`, `map[event.data.id].status`; "
     "null removes an optional or an entry of a map.",
     "set: {field: value}"},
    {"reply",
     &k_reply,
     "Answers whoever invoked this instance, with the output or with `{error: {code, message}}`. "
     "It lives on; the first answer counts."},
    {"emit",
     &k_emit_form,
     "An event to every instance that matches it, and to the world outside.",
     "emit: {event: order.paid, data: {order_id: a}}"},
    {"raise", &k_raise_form, "An event inside this instance, handled before those from outside."},
    {"call",
     &forms::operation_ref,
     "A call that nobody waits for; calls of one instance keep their order, a failure is an "
     "incident."},
    {"start",
     &k_start_form,
     "Starts an instance of its own.",
     "start: {workflow: name, input: {...}}"},
    {"log", &forms::input_text, "A line for people."},
    {"incident", &forms::input_text, "Raises an incident: a person must look."},
    {"send",
     &k_send_form,
     "An event to `self`, `parent` or `{child: id}`, perhaps delayed.",
     "send: {event: name, to: parent}"},
    {"cancel", &forms::text, "Takes back the delayed `send` of this id."},
    {"when", &forms::expression, "Does it only when this holds."},
    {"for_each", &forms::loop, "Does it for each item of a list.", "for_each: {line: input.lines}"},
    {"with", &forms::values, "Input of the `call`."},
    {"timeout", &forms::moment, "Of one attempt of the `call`."},
    {"retry", &forms::retry, "Retry policy of the `call`, by name or inline."},
    {"idempotency_key", &forms::input_text, "Of the `call`; by default stable for it."},
    {"doc", &forms::text, "Why."},
};

constexpr KeySpec k_emit_keys[] = {
    {.name = "event",
     .form = &forms::event_ref,
     .doc = "Its name: fixed, never computed.",
     .required = true},
    {"data", &forms::values, "Its data."},
};

constexpr KeySpec k_start_keys[] = {
    {.name = "workflow",
     .form = &forms::workflow_name,
     .doc = "What is started: its newest version.",
     .required = true},
    {"input", &forms::values, "Its input."},
};

constexpr KeySpec k_send_keys[] = {
    {.name = "event",
     .form = &forms::event_ref,
     .doc = "Its name: fixed, never computed.",
     .required = true},
    {"to", &k_to, "`self` (default), `parent`, or `{child: id}` with the id of an invoke."},
    {"data", &forms::values, "Its data."},
    {"delay", &forms::moment, "Only to `self`: when it arrives."},
    {"id", &forms::text, "For `cancel`."},
};

constexpr KeySpec k_child_keys[] = {
    {.name = "child", .form = &k_invoke_id, .doc = "The id of an invoke.", .required = true},
};

constexpr KeySpec k_error_reply_keys[] = {
    {.name = "error", .form = &k_error_form, .doc = "The failing answer.", .required = true},
};

constexpr KeySpec k_error_keys[] = {
    {.name = "code",
     .form = &forms::input_text,
     .doc = "For programs: `declined`.",
     .required = true},
    {"message", &forms::input_text, "For people."},
    {"details", &forms::value, "Anything more."},
};

}  // namespace

constinit const Schema action{"an action", "action", k_action_keys};
constinit const Schema emit{"`emit`", "emit", k_emit_keys};
constinit const Schema raise{"`raise`", "raise", k_emit_keys};
constinit const Schema start_instance{"`start`", "start_instance", k_start_keys};
constinit const Schema send{"`send`", "send", k_send_keys};
constinit const Schema send_to_child{"`to`", "send_to_child", k_child_keys};
constinit const Schema error_reply{"a failing answer", "error_reply", k_error_reply_keys};
constinit const Schema error{"an error", "error", k_error_keys};

constinit const std::span<const std::string_view> k_send_to_words{k_send_to};

}  // namespace vozex::language::grammar

// SPDX-License-Identifier: Apache-2.0
//
// The codes of what the compiler of workflow files says, each with one line of meaning and a page
// in docs/errors. Ranges: VZ00xx YAML, VZ01xx structure, VZ02xx names and targets, VZ03xx
// expressions (engine/expr/problems.h), VZ04xx types, VZ05xx events and calls, VZ06xx warnings. A
// code never changes its meaning, and one that is gone (VZ0108) is never used again.
#pragma once

#include <string_view>
#include <vector>

namespace vozex::language {

struct Code {
  std::string_view id;
  std::string_view meaning;
};

// One list, so that no code can be left out of the table.
#define VOZEX_LANGUAGE_CODES(X)                                                              \
  X(malformed_yaml, "VZ0001", "the file is not valid YAML")                                  \
  X(yaml_tag, "VZ0002", "a value that begins with ! is a YAML tag")                          \
  X(anchor, "VZ0003", "YAML anchors and aliases are not part of the language")               \
  X(merge_key, "VZ0004", "the YAML merge key << is not part of the language")                \
  X(duplicate_key, "VZ0005", "a key stands twice in one map")                                \
  X(comment_cut, "VZ0006", "a blank and # begin a comment and cut a value")                  \
  X(cut_at_comma, "VZ0007", "a call with a comma inside {...} or [...] without quotes")      \
  X(unquoted_ternary, "VZ0008", "an expression with ? : without quotes")                     \
  X(quoted_start, "VZ0009", "a value that begins with a quoted word and goes on behind it")  \
  X(flow_template, "VZ0010", "${...} without quotes inside {...} or [...]")                  \
  X(flow_index, "VZ0011", "a bracket without quotes inside {...} or [...]")                  \
  X(star_key, "VZ0012", "a key that begins with * without quotes")                           \
  X(tab_indentation, "VZ0013", "a tab in the indentation")                                   \
  X(several_documents, "VZ0014", "more than one YAML document in a file")                    \
  X(colon_in_plain, "VZ0015", "a colon and a blank inside a value without quotes")           \
  X(complex_key, "VZ0016", "a key that is not a plain word")                                 \
  X(octal_number, "VZ0017", "a number with a leading zero")                                  \
  X(not_a_boolean, "VZ0018", "only true and false are booleans")                             \
  X(too_large, "VZ0019", "the file is larger or deeper than the limits allow")               \
  X(not_utf8, "VZ0020", "the file is not UTF-8 text")                                        \
  X(empty_file, "VZ0021", "the file is empty")                                               \
  X(unknown_key, "VZ0101", "a key that the language doesn't have in this place")             \
  X(missing_key, "VZ0102", "a key that is needed is missing")                                \
  X(wrong_shape, "VZ0103", "a map, list or text where another of them is expected")          \
  X(bad_literal, "VZ0104", "a setting that can't be read: duration, number, choice")         \
  X(bad_name, "VZ0105", "a name with characters that names can't have")                      \
  X(unknown_file_kind, "VZ0106", "a file that is no workflow, types_of or adapter file")     \
  X(wrong_language, "VZ0107", "the version of the language is missing or unknown")           \
  X(conflicting_keys, "VZ0109", "keys that exclude each other")                              \
  X(empty_section, "VZ0110", "a section that needs at least one entry")                      \
  X(too_many, "VZ0111", "more entries than the limits allow")                                \
  X(misplaced, "VZ0112", "a key that this kind of state can't have")                         \
  X(reenter_needed, "VZ0113", "a transition into its own state doesn't say if it reenters")  \
  X(bad_action, "VZ0114", "an action that does nothing or several things at once")           \
  X(bad_silence, "VZ0115", "a warning is silenced wrongly")                                  \
  X(bad_property, "VZ0116", "a property that claims nothing or several things")              \
  X(bad_migration, "VZ0117", "a migration that can't be meant")                              \
  X(left_out_state, "VZ0118", "states of the old version that a migration leaves out")       \
  X(bad_base, "VZ0119", "a base URL that requests can't be sent to")                         \
  X(bad_request_path, "VZ0120", "a path that can't follow the base URL")                     \
  X(secret_in_file, "VZ0121", "a secret that is not given by name")                          \
  X(bad_header, "VZ0122", "a header that can't be sent")                                     \
  X(bad_answers, "VZ0123", "statuses that can't be read or are answered twice")              \
  X(body_not_sent, "VZ0124", "a body for a method that has none")                            \
  X(undeclared_error, "VZ0125", "an answer with an error code that isn't declared")          \
  X(key_not_sent, "VZ0126", "repeat: by_key without a header for the key")                   \
  X(more_findings, "VZ0130", "a file has more findings than are shown")                      \
  X(unknown_state, "VZ0201", "a target that names no state")                                 \
  X(ambiguous_target, "VZ0202", "a target that could mean several states")                   \
  X(bad_initial, "VZ0203", "an initial or default state that isn't inside its state")        \
  X(conflicting_targets, "VZ0204", "targets that can't be active together")                  \
  X(unknown_import, "VZ0205", "an import that none of the files provides")                   \
  X(duplicate_name, "VZ0206", "a name that is declared twice")                               \
  X(unknown_status, "VZ0207", "a status word that isn't declared")                           \
  X(unknown_policy, "VZ0208", "a retry policy that isn't declared")                          \
  X(unknown_alias, "VZ0209", "a match form for an alias that isn't declared")                \
  X(unknown_child, "VZ0210", "a message to an invoke that doesn't exist")                    \
  X(literal_expression, "VZ0401", "a text that looks like an expression without ${...}")     \
  X(wrong_type, "VZ0402", "a value of a type that doesn't fit its place")                    \
  X(unknown_type, "VZ0403", "a type that can't be read or isn't declared")                   \
  X(cyclic_type, "VZ0404", "a type that contains itself")                                    \
  X(unknown_field, "VZ0405", "a field that the type doesn't have")                           \
  X(missing_field, "VZ0406", "a field that the type needs is missing")                       \
  X(bad_path, "VZ0407", "a place in data that `set` can't reach")                            \
  X(no_start_value, "VZ0408", "a data field without a value at the start")                   \
  X(bad_constraint, "VZ0409", "a constraint or default that doesn't fit its type")           \
  X(event_conflict, "VZ0410", "an event declared with two different types")                  \
  X(no_output, "VZ0411", "a reply or output that isn't declared, or a declared one missing") \
  X(unknown_event, "VZ0501", "an event that is handled and declared nowhere")                \
  X(unknown_adapter, "VZ0502", "an adapter that none of the files declares")                 \
  X(unknown_operation, "VZ0503", "an operation that its adapter doesn't declare")            \
  X(unknown_workflow, "VZ0504", "a workflow that none of the files defines")                 \
  X(duplicate_invoke, "VZ0505", "two invokes with the same id")                              \
  X(bad_match, "VZ0506", "a key, alias or match that gives no text")                         \
  X(bad_schedule, "VZ0507", "a cron expression or time zone that can't be read")             \
  X(bad_loop, "VZ0508", "a loop that is not over a list or hides another name")              \
  X(needs_one_of, "VZ0509", "a computed workflow name without one_of")                       \
  X(never_done, "VZ0510", "an on_done that can never happen")                                \
  X(repeated_key, "VZ0511", "a schedule whose starts would all have the same key")           \
  X(secret_shown, "VZ0530", "a secret that would be seen outside the vault")                 \
  X(unreachable_state, "VZ0601", "a state that nothing leads to")                            \
  X(unused_event, "VZ0602", "an event that is declared and handled nowhere")                 \
  X(stuck_state, "VZ0603", "a state that nothing leads out of")                              \
  X(undeclared_emit, "VZ0604", "an event that is emitted and declared nowhere")              \
  X(unmatched_event, "VZ0605", "an event that is handled and has no match")                  \
  X(event_gap, "VZ0606", "states that neither take nor mask an event that may come")         \
  X(shadowed_transition, "VZ0607", "a transition that others always fire before")            \
  X(unused_silence, "VZ0608", "a silenced warning that doesn't occur")                       \
  X(untyped_event, "VZ0609", "an event whose data nobody declares")                          \
  X(guard_never_true, "VZ0610", "a condition that is never true")                            \
  X(untaken_failure, "VZ0611", "a call whose failure nothing takes")                         \
  X(match_never_hits, "VZ0612", "a match that can't find an instance")                       \
  X(endless_loop, "VZ0613", "a step that goes round for ever")                               \
  X(fires_in_target, "VZ0614", "a transition that fires again in its own target")            \
  X(call_left_open, "VZ0615", "a call that can be left half done and not undone")            \
  X(repeated_without_key, "VZ0616", "a call that may be done twice for want of a key")       \
  X(work_cut_short, "VZ0617", "an end that cuts the work of another region short")           \
  X(never_taken_later, "VZ0618", "a deferred event that no later state takes")               \
  X(left_at_once, "VZ0619", "a state that is left as soon as it is entered")                 \
  X(idle_target, "VZ0620", "a target that changes nothing")                                  \
  X(unused_status, "VZ0621", "a status word that no state shows")                            \
  X(never_set, "VZ0622", "a data field that nothing ever sets")                              \
  X(blind_retry, "VZ0623", "a retry of a call that must never be repeated")                  \
  X(call_at_the_end, "VZ0624", "a call that is made when the workflow has ended")            \
  X(endless_timers, "VZ0625", "timers that go round for ever with too little time between")  \
  X(escalation_never_comes, "VZ0640", "a step of an escalation that never comes")            \
  X(idle_escalation, "VZ0641", "a step of an escalation that gives the task to nobody else")

namespace code {
#define VOZEX_DECLARE_CODE(name, id, meaning) inline constexpr Code name{id, meaning};
VOZEX_LANGUAGE_CODES(VOZEX_DECLARE_CODE)
#undef VOZEX_DECLARE_CODE
}  // namespace code

// All of them, in order.
const std::vector<Code>& all_codes();

}  // namespace vozex::language

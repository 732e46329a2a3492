// SPDX-License-Identifier: Apache-2.0
//
// The grammar of the language as data: every place of every kind of file, its keys, the shape and
// meaning of each value, and a sentence for people. The compiler reads maps by these tables
// (keys.h), the JSON Schema is generated from them (language_schema.h), and editors complete and
// explain keys with them (engine/lab/editor): so none of the three can differ from another.
// Constant data. Tests: tests/unit/language/schema_test.cc.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace vozex::language {

// Shapes that a value may have; a sum of these.
inline constexpr unsigned k_text = 1;
inline constexpr unsigned k_list = 2;
inline constexpr unsigned k_map = 4;
inline constexpr unsigned k_nothing = 8;  // `key:` without a value
inline constexpr unsigned k_any = k_text | k_list | k_map;

// What a text means, as a value or as the key of a map.
enum class Content : std::uint8_t {
  any,         // nothing is known about it
  text,        // for people
  boolean,     // true, false
  integer,     // decimal
  number,      // with or without a point
  duration,    // 30s, 1h30m, P1M
  moment,      // a duration, a timestamp, or ${...} of either
  choice,      // one of the form's words
  expression,  // bare CEL
  value,       // a literal, a text with ${...}, or a tree of them
  cron,
  timezone,
  name,           // a name that is declared here: letters, digits, _
  state_name,     // a state that is declared here: also with -
  event_name,     // an event that is declared here: words joined by dots
  descriptor,     // an event, `payment.*` or `*`
  event,          // the name of a declared event
  state,          // a target: lexically, or a full path
  operation,      // adapter.operation
  own_operation,  // an operation of the same adapter
  called,         // adapter.operation, or a workflow
  workflow,       // the name of a workflow
  type,           // short notation: list<string>, or a named type
  object_type,    // the name of an object type
  import_name,    // a `types_of:` file, by name
  policy,         // a retry policy, by name
  status,         // a status word, or ${...}
  data_path,      // a place in data: captures[event.data.id].amount
  data_field,     // a member of data
  input_field,    // a member of input
  config_field,   // a member of config
  alias,          // the name of an alias
  invoke_id,      // the id of an invoke
  manual_action,  // the name of a manual action
  warning_code,   // VZ06xx
};

struct Schema;

// What a value may be, shape by shape.
struct Form {
  unsigned shapes = k_any;  // what the reader of keys lets through
  Content text = Content::any;
  std::span<const std::string_view> words = {};  // with Content::choice
  const Schema* keys = nullptr;                  // a map with keys of the language
  const Form* entry = nullptr;                   // a map with names of the author: each value
  Content names = Content::any;                  // what those names are
  const Form* item = nullptr;                    // a list: each entry
  bool together = false;     // keys and names stand in one map; else it has either
  std::string_view id = "";  // its name among the definitions of the JSON Schema; "": none
};

struct KeySpec {
  std::string_view name;
  const Form* form;
  std::string_view doc;           // one sentence or two, for people
  std::string_view example = "";  // shown when the shape is wrong
  bool required = false;
};

struct Schema {
  std::string_view what;  // "a state", for messages
  std::string_view id;    // "state": its name among the definitions of the JSON Schema
  std::span<const KeySpec> keys;
};

// nullptr when the schema has no such key.
const KeySpec* find_key(const Schema& schema, std::string_view name);

namespace grammar {

// Files, by their first keys.
extern const Schema workflow;
extern const Schema shared_types;
extern const Schema adapter;
extern const Schema test_file;

extern const Schema business_key;
extern const Schema event;
extern const Schema start;
extern const Schema start_rule;
extern const Schema schedule;
extern const Schema invariant;
extern const Schema property;
extern const Schema migrate;
extern const Schema migrate_data;
extern const Schema policy;
extern const Schema long_type;
extern const Schema operation;
extern const Schema http;
extern const Schema http_auth;
extern const Schema http_basic;
extern const Schema http_request;
extern const Schema http_answer;

extern const Schema state;
extern const Schema transition;
extern const Schema cron;
extern const Schema manual_action;
extern const Schema task;
extern const Schema overdue;
extern const Schema escalation;
extern const Schema invoke;
extern const Schema compensate;

extern const Schema action;
extern const Schema emit;
extern const Schema raise;
extern const Schema start_instance;
extern const Schema send;
extern const Schema send_to_child;
extern const Schema error_reply;
extern const Schema error;

extern const Schema test_defaults;
extern const Schema scenario;
extern const Schema step;
extern const Schema event_step;
extern const Schema migrate_step;
extern const Schema task_step;
extern const Schema action_step;
extern const Schema actor;
extern const Schema expect;
extern const Schema expect_of;
extern const Schema answer;
extern const Schema answer_error;

// Forms that several tables share.
namespace forms {
extern const Form text;
extern const Form texts;  // one or a list
extern const Form name;
extern const Form boolean;
extern const Form integer;
extern const Form number;
extern const Form duration;
extern const Form moment;
extern const Form cron;
extern const Form timezone;
extern const Form expression;
extern const Form value;
extern const Form input_text;     // a text with ${...}
extern const Form values;         // members by name, or one ${...}
extern const Form member_values;  // members by name
extern const Form type;
extern const Form fields;  // {name: type}, or the name of an object type
extern const Form types;   // {name: type}
extern const Form imports;
extern const Form retry;
extern const Form policies;
extern const Form workflow_name;
extern const Form event_ref;
extern const Form operation_ref;
extern const Form transitions;
extern const Form targets;
extern const Form assignments;
extern const Form block;
extern const Form loop;
extern const Form on;
extern const Form states;
extern const Form manual_actions;
extern const Form http;
extern const Form http_request;
extern const Form http_answers;
}  // namespace forms

// The words of choices, in the order of the enumerators that they stand for.
extern const std::span<const std::string_view> k_reuse_words;
extern const std::span<const std::string_view> k_unhandled_words;
extern const std::span<const std::string_view> k_early_words;
extern const std::span<const std::string_view> k_sender_words;
extern const std::span<const std::string_view> k_starter_words;
extern const std::span<const std::string_view> k_error_mode_words;
extern const std::span<const std::string_view> k_timers_words;
extern const std::span<const std::string_view> k_format_words;
extern const std::span<const std::string_view> k_repeat_words;
extern const std::span<const std::string_view> k_state_type_words;
extern const std::span<const std::string_view> k_outcome_words;
extern const std::span<const std::string_view> k_send_to_words;
extern const std::span<const std::string_view> k_compensate_words;
extern const std::span<const std::string_view> k_asked_words;
extern const std::span<const std::string_view> k_method_words;

}  // namespace grammar
}  // namespace vozex::language

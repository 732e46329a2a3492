// SPDX-License-Identifier: Apache-2.0
//
// Machine: a compiled workflow definition. Immutable, shared by all instances of its version, and
// the only thing that step() and the runtime know of a YAML file. States, transitions, timers and
// invokes are arrays in document order, addressed by index: an index is an identity within one
// machine and never leaves the process (stored snapshots name states by path). Vocabulary and
// meaning are W3C SCXML's. Thread rule: immutable once built. Built by engine/language; tests:
// tests/unit/language, tests/unit/step.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/base/time.h"
#include "engine/expr/expr.h"
#include "engine/machine/scope.h"
#include "engine/types/type.h"

namespace vozex::machine {

using StateIndex = std::uint16_t;
using TransitionIndex = std::uint32_t;
inline constexpr StateIndex k_no_state = 0xFFFF;
inline constexpr StateIndex k_root = 0;  // the machine itself: parent of the top-level states

enum class StateKind : std::uint8_t {
  atomic,
  compound,
  parallel,
  final,
  history_shallow,
  history_deep
};

// How a lifecycle ended. Persisted.
enum class Outcome : std::uint8_t { completed = 1, failed = 2, cancelled = 3 };
const char* to_string(Outcome outcome);

// ---- actions ----

// One step into `data`: a member name, or an index computed by an expression
// ("lines[event.data.id]").
struct PathStep {
  std::string field;
  expr::ProgramRef index;  // when set, `field` is empty
};

// `path: value`. A value that is null or an absent optional removes the entry.
struct Assignment {
  std::vector<PathStep> path;  // the first step is always a field of data
  expr::ProgramRef value;
  types::TypeRef type;  // declared type of the place: the value is checked against it when it runs
  Span span;
};

enum class ActionKind : std::uint8_t {
  set,
  reply,
  emit,
  raise,
  call,
  start,
  log,
  incident,
  send,
  cancel
};

enum class SendTarget : std::uint8_t { self, parent, child };

struct RetryPolicy {
  std::uint16_t attempts = 6;  // in all, the first included
  Duration backoff{std::chrono::seconds{2}};
  double factor = 2.0;
  Duration max{std::chrono::minutes{5}};
  double jitter = 0.2;  // each delay is multiplied by a random factor within 1 +- jitter
  std::optional<Duration> deadline;  // since the call was decided
};

// What a declared adapter operation promises about being repeated.
enum class Repeat : std::uint8_t { safe = 1, by_key = 2, never = 3 };
const char* to_string(Repeat repeat);

// How a declared HTTP operation is carried out; engine/machine/http_operation.h.
struct HttpOperation;

struct OperationDecl {
  std::string adapter;
  std::string name;
  std::string doc;
  types::TypeRef input;
  types::TypeRef output;
  std::vector<std::string> errors;
  Repeat repeat = Repeat::never;
  std::string ask;       // operation that settles an unknown outcome; "" when there is none
  Duration ask_after{};  // how long after the unknown outcome the question may be put first
  bool read_only = false;
  std::shared_ptr<const HttpOperation> http;  // null: an adapter in C++ carries it out
  Span span;
};
using OperationRef = std::shared_ptr<const OperationDecl>;

// A call as the file declares it, from an invoke or an action.
struct CallDecl {
  OperationRef operation;
  expr::ProgramRef input;
  std::optional<Duration> timeout;
  RetryPolicy retry;
  expr::ProgramRef idempotency_key;   // null: derived from the call's id
  OperationRef compensate;            // null: nothing to undo
  expr::ProgramRef compensate_input;  // sees `result`
};

struct Action {
  ActionKind kind = ActionKind::log;
  expr::ProgramRef when;        // null: always
  expr::ProgramRef for_each;    // null: once; else a list, its items in k_slot_each
  std::vector<Assignment> set;  // set: all right sides see old data
  std::string name;             // raise, emit, send: event; start: workflow; cancel: id
  expr::ProgramRef value;       // reply output; event data; start input; log and incident text
  expr::ProgramRef error;       // reply: {error}, gives {code, message?}
  std::shared_ptr<const CallDecl> call;  // call
  SendTarget target = SendTarget::self;  // send
  std::string child;                     // send to child: invoke id
  expr::ProgramRef delay;                // send: duration
  std::string id;                        // send
  Span span;
};

// One on_entry / on_exit / do list: a failing action ends its own block only.
using Block = std::vector<Action>;

// ---- states ----

struct Transition {
  StateIndex source = k_no_state;
  std::string event;      // descriptor: "payment.succeeded", "payment.*", "*"; "" is eventless
  expr::ProgramRef when;  // null: always
  std::vector<StateIndex> targets;  // empty: targetless
  bool reenter = false;             // SCXML's external; false is internal
  bool defer = false;               // keep the event for later: no targets, no actions
  Block actions;                    // `set` first, then `do`
  std::string doc;
  Span span;
};

// Of `every:`. A constant below it is an error; a computed one counts as this.
inline constexpr Duration k_shortest_period{std::chrono::seconds{1}};

// `after:`. A timer of the state, armed at the end of the macrostep that entered it.
struct TimerDecl {
  StateIndex state = k_no_state;
  expr::ProgramRef
      when;  // a duration from entry, a timestamp, or an absent optional (arms nothing)
  std::vector<TransitionIndex> transitions;
  // `every:` only
  bool recurring = false;
  std::string cron;  // five fields; then `when` is null
  std::string timezone;
  Span span;
};

enum class InvokeKind : std::uint8_t { call, workflow, compensate };
enum class Join : std::uint8_t { all, any, expression };

// Work that lives as long as its state. Without for_each it is a fan-out of one.
struct InvokeDecl {
  StateIndex state = k_no_state;
  std::string id;  // as `invoked.<id>`; given, or "<state path>#<n>"
  InvokeKind kind = InvokeKind::call;
  CallDecl call;                    // kind call
  expr::ProgramRef workflow;        // kind workflow: the name, constant or computed
  std::vector<std::string> one_of;  // what the name may be
  expr::ProgramRef input;           // kind workflow
  expr::ProgramRef for_each;        // null: once; else a list, its items in k_slot_item
  std::uint32_t limit = 0;          // at once; 0 is no limit
  Join join = Join::all;
  expr::ProgramRef join_when;  // Join::expression
  std::vector<TransitionIndex> on_done;
  std::vector<TransitionIndex> on_error;
  std::vector<TransitionIndex> on_each;
  Span span;
};

// `actions:`. What people may do here.
struct ManualAction {
  StateIndex state = k_no_state;
  std::string name;
  std::string title;
  std::vector<std::string> roles;  // empty: anybody with a key
  types::TypeRef form;             // object; null: no form
  expr::ProgramRef prefill;
  expr::ProgramRef when;
  bool confirm = false;
  std::uint16_t approvals = 1;
  std::vector<TransitionIndex> transitions;
  Span span;
};

// One step of `escalate:`. What is null stays as it is.
struct Escalation {
  expr::ProgramRef queue;  // moves the task there; whoever had it has it no longer
  expr::ProgramRef roles;  // list<string>
  expr::ProgramRef assignee;
  Span span;
};

// `task:`. An entry in people's inbox while the state is active.
struct TaskDecl {
  StateIndex state = k_no_state;
  expr::ProgramRef queue;
  expr::ProgramRef roles;  // list<string>
  expr::ProgramRef assignee;
  expr::ProgramRef title;        // string; null: the state's title
  expr::ProgramRef due;          // duration or timestamp
  expr::ProgramRef supervisors;  // list<string>: roles that may act on what somebody else has
  std::vector<TransitionIndex> overdue;
  std::optional<Duration> overdue_every;  // `overdue: {repeat: 4h}`: again while the task is open
  std::vector<Escalation> escalations;    // the n-th when it is overdue for the n-th time
  Span span;
};

struct State {
  std::string id;    // own name; "" for the root
  std::string path;  // dotted: "live.paying"; "" for the root
  StateKind kind = StateKind::atomic;
  StateIndex index = 0;
  StateIndex parent = k_no_state;
  StateIndex end = 0;                // descendants are [index + 1, end)
  std::uint16_t depth = 0;           // of the root: 0
  std::vector<StateIndex> children;  // without history pseudo-states
  std::vector<StateIndex> histories;
  std::vector<StateIndex> initial;  // compound: where entering it leads; history: its default
  std::vector<Block> on_entry;
  std::vector<Block> on_exit;
  std::vector<TransitionIndex> on;  // in document order
  std::vector<TransitionIndex> always;
  std::vector<TransitionIndex> on_done;  // event "done.state.<path>"
  std::vector<std::uint16_t> timers;     // into Machine::timers
  std::vector<std::uint16_t> invokes;    // into Machine::invokes
  std::vector<std::uint16_t> actions;    // into Machine::actions
  std::optional<std::uint16_t> task;     // into Machine::tasks
  expr::ProgramRef status;  // string; null: inherits from the nearest ancestor that has one
  Outcome outcome = Outcome::completed;  // final at top level
  expr::ProgramRef output;               // final
  std::string error_code;                // final with `error:`
  expr::ProgramRef error_message;
  std::vector<std::string> tags;
  std::string title;
  std::string doc;
  Span span;
};

// ---- what the runtime needs besides the statechart ----

// One form of `match`: the business key (alias "") or an alias, and the value to look for.
struct MatchForm {
  std::string alias;
  expr::ProgramRef value;  // sees event; a string, optional<string>, or list of strings
};

enum class Unhandled : std::uint8_t { ignore, defer, reject, incident };
enum class Early : std::uint8_t { keep, drop };
// Who may send an event, told by its source, which nobody else can sign with (gateway:...,
// instance:...); or who may start an instance: anybody, or instances.
enum class Sender : std::uint8_t { anybody, gateways, instances };

struct EventDecl {
  std::string name;
  types::TypeRef data;           // object or dyn
  std::vector<MatchForm> match;  // the first that has a value and a hit wins
  Unhandled unhandled = Unhandled::ignore;
  Early early = Early::keep;
  Sender from = Sender::anybody;
  std::string doc;
  Span span;
};

// A key of this workflow under which events find an instance, beside its business key.
struct AliasDecl {
  std::string name;
  expr::ProgramRef value;  // string, optional<string> or list<string>, over input and data
  Span span;
};

struct StartRule {
  std::string event;  // `start: on:`
  expr::ProgramRef when;
  expr::ProgramRef input;  // sees event
  Span span;
};

// `start: schedule:`. Each due moment starts one instance, once in the whole installation.
struct StartSchedule {
  std::string cron;  // five fields
  std::string timezone;
  expr::ProgramRef input;  // sees config and now: the due moment
  Span span;
};

struct Invariant {
  std::string name;
  expr::ProgramRef holds;
  Span span;
};

// `properties:`. What `verify` shows of every run; never checked by a step.
enum class PropertyKind : std::uint8_t {
  always,      // `first` holds after every step
  never,       // `first` holds after no step
  eventually,  // every run that ends has held `first`
  leads_to,    // `after: first, eventually: second`
  precedes,    // `first` has held before `second` does
};
struct Property {
  std::string name;
  PropertyKind kind = PropertyKind::always;
  expr::ProgramRef first;
  expr::ProgramRef second;  // leads_to and precedes
  Span span;
};

// `migrate:`. How an instance of version `from` becomes one of this version.
enum class MigratedTimers : std::uint8_t {
  keep,    // a timer keeps its due moment where the new state has one in the same place
  restart  // all timers of the new configuration are armed anew
};
struct Migration {
  std::uint32_t from = 0;
  std::vector<std::pair<std::string, std::string>>
      states;                   // old path, new path; others keep theirs
  std::vector<Assignment> set;  // right sides see the old data, as dyn
  MigratedTimers timers = MigratedTimers::keep;
  Span span;
};

enum class ErrorMode : std::uint8_t { incident, event };

struct DataField {
  std::string name;
  types::TypeRef type;
  expr::ProgramRef default_value;  // sees input, config, now and instance; null: absent
  std::string doc;
  Span span;
};

// Named inputs of the file that the machine was compiled from; stored with a deployment.
struct SourceFile {
  std::string name;
  std::string text;
};

struct Machine {
  std::string workflow;
  std::uint32_t version = 1;
  std::string title;
  std::string doc;
  std::string content_hash;  // SHA-256 hex over the file and everything it imports
  std::vector<SourceFile> sources;

  types::TypeRef input;   // object
  types::TypeRef output;  // object, or null when nothing is declared
  types::TypeRef data;    // object
  types::TypeRef config;  // object
  std::vector<DataField> data_fields;
  // Fields of `input` whose default is an expression over input.
  std::vector<DataField> input_defaults;
  expr::ProgramRef key;       // string; null: the instance id is the key
  bool key_reusable = false;  // `reuse: after_end`
  std::vector<std::pair<std::string, std::string>> status_words;  // word, what people read
  std::vector<AliasDecl> aliases;
  std::vector<EventDecl> events;  // sorted by name
  std::vector<AliasDecl> search;  // `search:` fields, same shape
  std::vector<StartRule> start_rules;
  std::vector<StartSchedule> start_schedules;
  Sender start_from = Sender::anybody;  // `start: from:`; rules and schedules aren't asked
  std::vector<Invariant> invariants;
  std::vector<Property> properties;
  std::vector<Migration> migrations;
  ErrorMode errors = ErrorMode::incident;

  std::vector<State> states;  // [0] is the root; document order
  std::vector<Transition> transitions;
  std::vector<TimerDecl> timers;
  std::vector<InvokeDecl> invokes;
  std::vector<ManualAction> actions;
  std::vector<TaskDecl> tasks;

  const EventDecl* find_event(std::string_view name) const;
  // By dotted path; k_no_state when there is none.
  StateIndex find_state(std::string_view path) const;
  bool is_descendant(StateIndex state, StateIndex ancestor) const {
    return state > ancestor && state < states[ancestor].end;
  }
};

using MachineRef = std::shared_ptr<const Machine>;

// "payment.*" matches "payment.succeeded" by whole tokens; "*" takes all but error.*, done.* and
// cancel.
bool event_matches(std::string_view descriptor, std::string_view event);

}  // namespace vozex::machine

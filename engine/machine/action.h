// SPDX-License-Identifier: Apache-2.0
//
// What a state or a transition does when it is taken: its actions, and the calls among them, as the
// file declares them. Part of a Machine (machine.h), immutable like it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/base/time.h"
#include "engine/expr/expr.h"
#include "engine/types/type.h"

namespace vozex::machine {

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

}  // namespace vozex::machine

// SPDX-License-Identifier: Apache-2.0
//
// What a definition declares besides its statechart: events and how they find their instance, keys,
// starts, invariants, properties, migrations, fields. Part of a Machine (machine.h), immutable like
// it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/expr/expr.h"
#include "engine/machine/action.h"
#include "engine/types/type.h"

namespace vozex::machine {

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

}  // namespace vozex::machine

// SPDX-License-Identifier: Apache-2.0
//
// What expressions see, place by place: docs/language/expressions.md, "Names". A name that exists
// and has no value in a place carries the reason and what to do instead. Slots are those of
// machine/scope.h.
#pragma once

#include <optional>
#include <string>

#include "engine/expr/expr.h"
#include "engine/types/type.h"

namespace vozex::language {

// Types of the names that are the same all over a file; null is anything.
struct Names {
  types::TypeRef input;
  types::TypeRef data;
  types::TypeRef config;
  types::TypeRef invoked;
};

// The variable of a for_each.
struct Loop {
  std::string name;
  types::TypeRef type;
};

// One place of a file. Members that are null or empty are not visible there.
struct Place {
  std::string label;     // "on_entry", "`on` of payment.succeeded"
  types::TypeRef event;  // of `event` itself: event_type()
  types::TypeRef actor;
  types::TypeRef result;
  types::TypeRef error;
  std::optional<Loop> item;  // of an invoke
  std::optional<Loop> each;  // of an action
  bool index = false;
  types::TypeRef
      data;  // of `data`, where it isn't the file's: in `migrate`, that of the old version
  // Why the ones above are missing, where the general reason would mislead.
  std::string no_event;
  std::string no_result;
  std::string no_error;
  // When set, the instance doesn't exist yet: neither data, instance nor invoked are visible.
  std::string no_instance;
  std::string no_input;
  // In an adapter: only `input` and, where there is one, `response` are seen.
  bool adapter = false;
  types::TypeRef response;
};

// {id, name, source, time, data}, with `form` in actions.
types::TypeRef event_type(types::TypeRef data, types::TypeRef form = nullptr);
types::TypeRef actor_type();
types::TypeRef error_type();
types::TypeRef instance_type();
// What an HTTP operation gets: {status, headers, body}.
types::TypeRef response_type();
// An entry of invoked.<id>: {item, status, result, error}.
types::TypeRef invoked_item_type(types::TypeRef item, types::TypeRef result);

expr::Scope make_scope(const Names& names, const Place& place);

// Names that a loop variable can't take.
bool is_reserved_name(const std::string& name);

}  // namespace vozex::language

// SPDX-License-Identifier: Apache-2.0
#include "engine/language/scope.h"

#include <algorithm>
#include <array>

#include "engine/machine/http_operation.h"
#include "engine/machine/scope.h"

namespace vozex::language {
namespace {

using types::Field;
using types::TypeKind;
using types::TypeRef;

Field field(std::string name, TypeRef type) {
  Field made;
  made.name = std::move(name);
  made.type = std::move(type);
  return made;
}

TypeRef text() { return types::simple_type(TypeKind::string); }

class ScopeBuilder {
 public:
  void show(const std::string& name, const TypeRef& type, expr::Slot slot) {
    scope.variables.push_back(
        {name, type == nullptr ? types::dyn_type() : type, slot, "", machine::member_slots(slot)});
  }
  void hide(const std::string& name, expr::Slot slot, std::string reason) {
    scope.variables.push_back(
        {name, types::simple_type(TypeKind::nothing), slot, std::move(reason)});
  }
  // Shown with its type, or hidden with the reason.
  void optional(const std::string& name, const TypeRef& type, expr::Slot slot, std::string reason) {
    if (type != nullptr) {
      show(name, type, slot);
    } else {
      hide(name, slot, std::move(reason));
    }
  }

  expr::Scope scope;
};

std::string or_else(const std::string& given, const std::string& general) {
  return given.empty() ? general : given;
}

void add_event_names(ScopeBuilder& builder, const Place& place) {
  builder.optional("event",
                   place.event,
                   machine::k_slot_event,
                   or_else(place.no_event,
                           "`event` is not visible in " + place.label +
                               ": keep what you need of it in data, with `set` in the transition "
                               "that the event triggers"));
  builder.optional("actor",
                   place.actor,
                   machine::k_slot_actor,
                   "`actor` is not visible in " + place.label +
                       ": it is who takes a manual action, and is seen in `actions` only");
  builder.optional(
      "result",
      place.result,
      machine::k_slot_result,
      or_else(place.no_result,
              "`result` is not visible in " + place.label +
                  ": it is seen in `on_done` of an invoke; keep what you need of it in data"));
  builder.optional(
      "error",
      place.error,
      machine::k_slot_error,
      or_else(place.no_error,
              "`error` is not visible in " + place.label +
                  ": it is seen in `on_error` of an invoke; keep what you need of it in data"));
}

void add_instance_names(ScopeBuilder& builder, const Names& names, const Place& place) {
  if (place.no_instance.empty()) {
    builder.show("data", place.data == nullptr ? names.data : place.data, machine::k_slot_data);
    builder.show("invoked", names.invoked, machine::k_slot_invoked);
    builder.show("instance", instance_type(), machine::k_slot_instance);
    return;
  }
  builder.hide("data", machine::k_slot_data, "`data` " + place.no_instance);
  builder.hide("invoked", machine::k_slot_invoked, "`invoked` " + place.no_instance);
  builder.hide("instance", machine::k_slot_instance, "`instance` " + place.no_instance);
}

// Operations of adapters know nothing of the instance that calls them.
expr::Scope adapter_scope(const Names& names, const Place& place) {
  ScopeBuilder builder;
  builder.optional("input",
                   place.no_input.empty() ? names.input : nullptr,
                   machine::k_slot_input,
                   "`input` " + place.no_input);
  builder.optional("response",
                   place.response,
                   machine::k_slot_response,
                   "`response` is not visible in " + place.label + ": it is seen in `answers`");
  static constexpr std::pair<const char*, expr::Slot> k_hidden[] = {
      {"data", machine::k_slot_data},
      {"config", machine::k_slot_config},
      {"now", machine::k_slot_now},
      {"event", machine::k_slot_event},
      {"actor", machine::k_slot_actor},
      {"result", machine::k_slot_result},
      {"error", machine::k_slot_error},
      {"invoked", machine::k_slot_invoked},
      {"instance", machine::k_slot_instance}};
  for (const auto& [name, slot] : k_hidden) {
    builder.hide(name,
                 slot,
                 "`" + std::string(name) +
                     "` is not visible in an adapter: what it needs of its caller comes in the "
                     "operation's `input`");
  }
  return std::move(builder.scope);
}

}  // namespace

TypeRef event_type(TypeRef data, TypeRef form) {
  std::vector<Field> fields{field("id", text()),
                            field("name", text()),
                            field("source", text()),
                            field("time", types::simple_type(TypeKind::timestamp)),
                            field("data", data == nullptr ? types::dyn_type() : std::move(data))};
  if (form != nullptr) fields.push_back(field("form", std::move(form)));
  return types::object_of(std::move(fields));
}

TypeRef actor_type() {
  return types::object_of({field("id", text()), field("roles", types::list_of(text()))});
}

TypeRef error_type() {
  return types::object_of({field("code", text()),
                           field("message", text()),
                           field("retryable", types::simple_type(TypeKind::boolean)),
                           field("attempts", types::simple_type(TypeKind::integer)),
                           field("details", types::dyn_type())});
}

TypeRef instance_type() {
  return types::object_of({field("id", text()),
                           field("key", text()),
                           field("workflow", text()),
                           field("version", types::simple_type(TypeKind::integer)),
                           field("tenant", text()),
                           field("started_at", types::simple_type(TypeKind::timestamp))});
}

TypeRef response_type() {
  return types::object_of({field("status", types::simple_type(TypeKind::integer)),
                           field("headers", types::map_of(text())),
                           field("body", types::dyn_type())});
}

TypeRef invoked_item_type(TypeRef item, TypeRef result) {
  TypeRef status = types::enum_of({"running", "done", "failed", "cancelled"});
  return types::object_of(
      {field("item", item == nullptr ? types::dyn_type() : std::move(item)),
       field("status", status),
       field("result", result == nullptr ? types::dyn_type() : std::move(result)),
       field("error", error_type())});
}

expr::Scope make_scope(const Names& names, const Place& place) {
  if (place.adapter) return adapter_scope(names, place);
  ScopeBuilder builder;
  if (place.no_input.empty()) {
    builder.show("input", names.input, machine::k_slot_input);
  } else {
    builder.hide("input", machine::k_slot_input, "`input` " + place.no_input);
  }
  builder.show("config", names.config, machine::k_slot_config);
  builder.show("now", types::simple_type(TypeKind::timestamp), machine::k_slot_now);
  add_instance_names(builder, names, place);
  add_event_names(builder, place);
  if (place.index) {
    builder.show("index", types::simple_type(TypeKind::integer), machine::k_slot_index);
  } else {
    builder.hide("index",
                 machine::k_slot_index,
                 "`index` is the position in the `for_each` of an invoke: this is not inside one");
  }
  if (place.item) builder.show(place.item->name, place.item->type, machine::k_slot_item);
  if (place.each) builder.show(place.each->name, place.each->type, machine::k_slot_each);
  return std::move(builder.scope);
}

bool is_reserved_name(const std::string& name) {
  static constexpr std::array<std::string_view, 11> reserved{"input",
                                                             "data",
                                                             "event",
                                                             "actor",
                                                             "result",
                                                             "error",
                                                             "invoked",
                                                             "now",
                                                             "instance",
                                                             "config",
                                                             "index"};
  return std::find(reserved.begin(), reserved.end(), name) != reserved.end();
}

}  // namespace vozex::language

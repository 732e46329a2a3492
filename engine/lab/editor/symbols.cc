// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/editor/symbols.h"

namespace vozex::lab::editor {

std::string_view word_of(Kind kind) {
  switch (kind) {
    case Kind::workflow: return "workflow";
    case Kind::types_file: return "shared types";
    case Kind::adapter: return "adapter";
    case Kind::state: return "state";
    case Kind::event: return "event";
    case Kind::type: return "type";
    case Kind::policy: return "retry policy";
    case Kind::operation: return "operation";
    case Kind::status: return "status";
    case Kind::data: return "data";
    case Kind::input: return "input";
    case Kind::config: return "config";
    case Kind::alias: return "alias";
    case Kind::invoke: return "invoke";
    case Kind::action: return "action";
  }
  return "";
}

std::optional<Kind> kind_for(Content content) {
  switch (content) {
    case Content::event:
    case Content::event_name:
    case Content::descriptor: return Kind::event;
    case Content::operation:
    case Content::own_operation:
    case Content::called: return Kind::operation;
    case Content::workflow: return Kind::workflow;
    case Content::type:
    case Content::object_type: return Kind::type;
    case Content::import_name: return Kind::types_file;
    case Content::policy: return Kind::policy;
    case Content::status: return Kind::status;
    case Content::data_path:
    case Content::data_field: return Kind::data;
    case Content::input_field: return Kind::input;
    case Content::config_field: return Kind::config;
    case Content::alias: return Kind::alias;
    case Content::invoke_id: return Kind::invoke;
    case Content::manual_action: return Kind::action;
    case Content::any:
    case Content::text:
    case Content::boolean:
    case Content::integer:
    case Content::number:
    case Content::duration:
    case Content::moment:
    case Content::choice:
    case Content::expression:
    case Content::value:
    case Content::cron:
    case Content::timezone:
    case Content::name:
    case Content::state_name:
    case Content::state:
    case Content::warning_code: return std::nullopt;
  }
  return std::nullopt;
}

bool is_local(Kind kind) {
  return kind == Kind::state || kind == Kind::status || kind == Kind::data || kind == Kind::input ||
         kind == Kind::config || kind == Kind::alias || kind == Kind::invoke ||
         kind == Kind::action;
}

}  // namespace vozex::lab::editor

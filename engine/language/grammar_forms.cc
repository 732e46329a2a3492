// SPDX-License-Identifier: Apache-2.0
// Forms that several tables share.
#include "engine/language/grammar.h"

namespace vozex::language {

const KeySpec* find_key(const Schema& schema, std::string_view name) {
  for (const KeySpec& key : schema.keys) {
    if (key.name == name) return &key;
  }
  return nullptr;
}

namespace grammar::forms {
namespace {

constexpr Form k_one_target{.shapes = k_text, .text = Content::state};
constexpr Form k_one_transition{
    .shapes = k_text | k_map, .text = Content::state, .keys = &grammar::transition};
constexpr Form k_one_action{.shapes = k_map, .keys = &grammar::action};
constexpr Form k_one_state{.shapes = k_map | k_nothing, .keys = &grammar::state};
constexpr Form k_one_import{.shapes = k_text, .text = Content::import_name};
constexpr Form k_one_policy{.shapes = k_map, .keys = &grammar::policy};
constexpr Form k_manual{.shapes = k_map, .keys = &grammar::manual_action};

}  // namespace

constinit const Form text{.shapes = k_text, .text = Content::text};
constinit const Form texts{.shapes = k_text | k_list, .text = Content::text, .item = &text};
constinit const Form name{.shapes = k_text, .text = Content::name};
constinit const Form boolean{.shapes = k_text, .text = Content::boolean};
constinit const Form integer{.shapes = k_text, .text = Content::integer};
constinit const Form number{.shapes = k_text, .text = Content::number};
constinit const Form duration{.shapes = k_text, .text = Content::duration};
constinit const Form moment{.shapes = k_text, .text = Content::moment};
constinit const Form cron{.shapes = k_text, .text = Content::cron};
constinit const Form timezone{.shapes = k_text, .text = Content::timezone};
// Lists and maps are let through: they are accidents of YAML, and the reader of expressions says
// so.
constinit const Form expression{.shapes = k_any, .text = Content::expression};
constinit const Form value{
    .shapes = k_any | k_nothing, .text = Content::value, .entry = &value, .item = &value};
constinit const Form input_text{.shapes = k_text, .text = Content::value};
constinit const Form values{.shapes = k_text | k_map, .text = Content::value, .entry = &value};
constinit const Form member_values{.shapes = k_map, .entry = &value};

constinit const Form type{.shapes = k_text | k_map,
                          .text = Content::type,
                          .keys = &grammar::long_type,
                          .entry = &type,
                          .names = Content::name,
                          .id = "type"};
constinit const Form fields{.shapes = k_text | k_map,
                            .text = Content::object_type,
                            .entry = &type,
                            .names = Content::name,
                            .id = "fields"};
constinit const Form types{.shapes = k_map, .entry = &type, .names = Content::name, .id = "types"};
constinit const Form imports{.shapes = k_text | k_list,
                             .text = Content::import_name,
                             .item = &k_one_import,
                             .id = "imports"};
constinit const Form retry{
    .shapes = k_text | k_map, .text = Content::policy, .keys = &grammar::policy, .id = "retry"};
constinit const Form policies{
    .shapes = k_map, .entry = &k_one_policy, .names = Content::name, .id = "policies"};
constinit const Form workflow_name{.shapes = k_text, .text = Content::workflow};
constinit const Form event_ref{.shapes = k_text, .text = Content::event};
constinit const Form operation_ref{.shapes = k_text, .text = Content::operation};

constinit const Form transitions{.text = Content::state,
                                 .keys = &grammar::transition,
                                 .item = &k_one_transition,
                                 .id = "transitions"};
constinit const Form targets{
    .shapes = k_text | k_list, .text = Content::state, .item = &k_one_target, .id = "targets"};
constinit const Form assignments{
    .shapes = k_map, .entry = &value, .names = Content::data_path, .id = "assignments"};
constinit const Form block{
    .shapes = k_list | k_map, .keys = &grammar::action, .item = &k_one_action, .id = "block"};
constinit const Form loop{.shapes = k_map, .entry = &expression, .names = Content::name};
constinit const Form on{
    .shapes = k_map, .entry = &transitions, .names = Content::descriptor, .id = "on"};
constinit const Form states{
    .shapes = k_map, .entry = &k_one_state, .names = Content::state_name, .id = "states"};
constinit const Form manual_actions{
    .shapes = k_map, .entry = &k_manual, .names = Content::state_name, .id = "manual_actions"};

}  // namespace grammar::forms
}  // namespace vozex::language

// SPDX-License-Identifier: Apache-2.0
//
// Reading `expect:`.
#include <algorithm>
#include <utility>

#include "engine/lab/scenario_steps.h"

namespace vozex::lab {
namespace {

using language::Node;

bool read_states(FileReader& reader,
                 const machine::Machine& machine,
                 const Node& node,
                 ExpectStep& step) {
  bool good = true;
  const std::vector<Node> one{node};
  for (const Node& state : node.is_sequence() ? node.items : one) {
    if (machine.find_state(state.text) == machine::k_no_state || state.text.empty()) {
      std::vector<std::string> known;
      known.reserve(machine.states.size());
      for (const machine::State& other : machine.states) known.push_back(other.path);
      reader.report.error(language::code::unknown_state,
                          state.span,
                          machine.workflow + " has no state `" + state.text + "`",
                          language::did_you_mean(state.text, known));
      good = false;
      continue;
    }
    step.states.push_back(state.text);
  }
  return good;
}

types::TypeRef call_input(const FileReader& reader, const std::string& name) {
  if (const machine::OperationRef operation = reader.find_operation(name)) return operation->input;
  if (const machine::MachineRef child = reader.find_machine(name)) return child->input;
  return nullptr;
}

bool read_calls(FileReader& reader, const Node& node, ExpectStep& step) {
  bool good = true;
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const std::string& name = node.keys[i].text;
    if (reader.find_operation(name) == nullptr && reader.find_machine(name) == nullptr) {
      reader.report.error(language::code::unknown_operation,
                          node.keys[i].span,
                          "`" + name + "` is neither an operation nor a workflow of these files");
      good = false;
      continue;
    }
    const types::TypeRef type =
        node.items[i].is_sequence() ? types::list_of(call_input(reader, name)) : types::TypeRef();
    auto value = read_partial(node.items[i], type, "`" + name + "`", reader.report);
    good = good && value.has_value();
    if (value) step.calls[name] = {*std::move(value), node.keys[i].span};
  }
  return good;
}

// What a reply is read as: the output, unless it is `{error: {...}}`.
types::TypeRef reply_type(const machine::Machine& machine, const Node& node) {
  return node.is_map() && node.find("error") != nullptr ? nullptr : machine.output;
}

types::TypeRef type_of_key(const machine::Machine& machine,
                           const std::string& key,
                           const Node& node) {
  if (key == "data") return machine.data;
  if (key == "output") return machine.output;
  if (key == "reply") return reply_type(machine, node);
  if (key == "status" || key == "outcome" || key == "life")
    return types::simple_type(types::TypeKind::string);
  return nullptr;
}

bool read_of(FileReader& reader, const Node& node, ExpectStep& step) {
  const Node* workflow = node.is_map() ? node.find("workflow") : &node;
  if (workflow == nullptr || reader.find_machine(workflow->text) == nullptr) {
    reader.report.error(language::code::unknown_workflow,
                        node.span,
                        "`of` names a workflow of these files",
                        "write `of: payment` or `of: {workflow: payment, key: p1}`");
    return false;
  }
  step.workflow = workflow->text;
  if (const Node* key = node.find("key")) step.key = key->text;
  return true;
}

}  // namespace

bool read_expectations(FileReader& reader, const Node& node, ExpectStep& step) {
  if (!node.is_map()) {
    reader.report.error(
        language::code::wrong_shape, node.span, "`expect` is a map, got " + describe(node));
    return false;
  }
  check_keys(node, language::grammar::expect, reader.report);
  const Node* of = node.find("of");
  if (of != nullptr && !read_of(reader, *of, step)) return false;
  const machine::MachineRef machine =
      step.workflow.empty() ? reader.machine : reader.find_machine(step.workflow);
  bool good = true;
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const std::string& key = node.keys[i].text;
    const Node& value = node.items[i];
    step.spans[key] = node.keys[i].span;
    if (key == "of") continue;
    if (key == "state") {
      good = read_states(reader, *machine, value, step) && good;
    } else if (key == "calls") {
      good = read_calls(reader, value, step) && good;
    } else if (find_key(language::grammar::expect, key) == nullptr) {
      good = false;
    } else {
      auto expected =
          read_partial(value, type_of_key(*machine, key, value), "`" + key + "`", reader.report);
      good = good && expected.has_value();
      if (expected) step.values[key] = {*std::move(expected), node.keys[i].span};
    }
  }
  return good;
}

}  // namespace vozex::lab

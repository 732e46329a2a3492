// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/scenario_steps.h"

namespace vozex::lab {
namespace {

using language::Node;

bool is_true(const Node* node) {
  return node != nullptr && node->is_plain() && node->text == "true";
}

bool read_error(FileReader& reader, const Node& node, Mock& mock) {
  mock.kind = MockKind::error;
  if (node.is_scalar()) {
    mock.error.code = node.text;
    return true;
  }
  const Node* code = node.find("code");
  if (code == nullptr || !code->is_scalar()) {
    reader.report.error(language::code::missing_key,
                        node.span,
                        "`error` needs a code",
                        "write `error: {code: declined}`");
    return false;
  }
  check_keys(node, language::grammar::answer_error, reader.report);
  mock.error.code = code->text;
  if (const Node* message = node.find("message")) mock.error.message = message->text;
  if (const Node* retryable = node.find("retryable")) mock.retryable = is_true(retryable);
  if (const Node* details = node.find("details")) {
    auto value = read_whole(*details, nullptr, "`details`", reader.report);
    if (!value) return false;
    mock.error.details = *std::move(value);
  }
  if (mock.retryable) mock.error.retryable = *mock.retryable;
  return true;
}

bool read_asked(FileReader& reader, const Node& node, Mock& mock) {
  if (node.text == "happened") {
    mock.asked = Asked::happened;
  } else if (node.text == "not_happened") {
    mock.asked = Asked::not_happened;
  } else if (node.text == "unclear") {
    mock.asked = Asked::unclear;
  } else {
    reader.report.error(language::code::bad_literal,
                        node.span,
                        "`asked` is happened, not_happened or unclear, got `" + node.text + "`");
    return false;
  }
  return true;
}

std::optional<Mock> read_mock(FileReader& reader, const Node& node, const types::TypeRef& result) {
  Mock mock;
  mock.span = node.span;
  if (!node.is_map()) {
    reader.report.error(
        language::code::wrong_shape,
        node.span,
        "an answer is a map, got " + describe(node),
        "write `{return: {...}}`, `{error: {code: ...}}`, `{unknown: true}` or `{never: true}`");
    return std::nullopt;
  }
  check_keys(node, language::grammar::answer, reader.report);
  const Node* error = node.find("error");
  const Node* returned = node.find("return");
  bool good = true;
  if (is_true(node.find("never"))) {
    mock.kind = MockKind::never;
  } else if (is_true(node.find("unknown"))) {
    mock.kind = MockKind::unknown;
  } else if (error != nullptr) {
    good = read_error(reader, *error, mock);
  } else if (returned == nullptr) {
    reader.report.error(language::code::missing_key,
                        node.span,
                        "an answer says `return`, `error`, `unknown` or `never`");
    return std::nullopt;
  }
  if (returned != nullptr) {
    auto value = read_whole(*returned, result, "`return`", reader.report);
    good = good && value.has_value();
    if (value) mock.result = *std::move(value);
  }
  if (const Node* asked = node.find("asked")) good = read_asked(reader, *asked, mock) && good;
  if (const Node* after = node.find("after")) {
    const auto duration = read_duration(*after, "`after`", reader.report);
    good = good && duration.has_value();
    mock.after = duration.value_or(Duration{0});
  }
  if (!good) return std::nullopt;
  return mock;
}

std::vector<std::string> known_names(const FileReader& reader) {
  std::vector<std::string> names;
  names.reserve(reader.compiled.operations.size() + reader.compiled.machines.size());
  for (const auto& operation : reader.compiled.operations)
    names.push_back(operation->adapter + "." + operation->name);
  for (const auto& machine : reader.compiled.machines) names.push_back(machine->workflow);
  return names;
}

}  // namespace

bool read_mocks(FileReader& reader, const Node& node, Mocks& mocks) {
  bool good = true;
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const std::string& name = node.keys[i].text;
    const machine::OperationRef operation = reader.find_operation(name);
    const machine::MachineRef child = operation == nullptr ? reader.find_machine(name) : nullptr;
    if (operation == nullptr && child == nullptr) {
      reader.report.error(language::code::unknown_operation,
                          node.keys[i].span,
                          "`" + name + "` is neither an operation nor a workflow of these files",
                          language::did_you_mean(name, known_names(reader)));
      good = false;
      continue;
    }
    const types::TypeRef result = operation != nullptr ? operation->output : child->output;
    const Node& answers = node.items[i];
    std::vector<Mock>& list = mocks[name];
    const std::vector<Node> one{answers};
    for (const Node& answer : answers.is_sequence() ? answers.items : one) {
      auto mock = read_mock(reader, answer, result);
      good = good && mock.has_value();
      if (mock) list.push_back(*std::move(mock));
    }
  }
  return good;
}

}  // namespace vozex::lab

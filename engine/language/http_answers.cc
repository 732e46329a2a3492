// SPDX-License-Identifier: Apache-2.0
// `answers` of an HTTP operation: what each status means.
#include <algorithm>
#include <charconv>
#include <tuple>

#include "engine/language/calls.h"
#include "engine/language/http_adapter.h"

namespace vozex::language {
namespace {

constexpr int k_first_status = 100;
constexpr int k_last_status = 599;

std::optional<int> status(std::string_view text) {
  int value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool good = fault == std::errc{} && end == text.data() + text.size();
  return good && value >= k_first_status && value <= k_last_status ? std::optional(value)
                                                                   : std::nullopt;
}

// "404", "200-299" or "else".
std::optional<std::pair<int, int>> statuses(std::string_view text) {
  if (text == "else") return std::pair(k_first_status, k_last_status);
  const std::size_t dash = text.find('-');
  const auto first = status(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : status(text.substr(dash + 1));
  if (!first || !last || *last < *first) return std::nullopt;
  return std::pair(*first, *last);
}

void check_error_code(Unit& unit, const Node& node, const machine::OperationDecl& operation) {
  std::vector<std::string> known = general_call_errors();
  known.insert(known.begin(), operation.errors.begin(), operation.errors.end());
  if (std::find(known.begin(), known.end(), node.text) != known.end()) return;
  const std::string near = did_you_mean(node.text, known);
  unit.report.error(code::undeclared_error,
                    node.span,
                    "`" + node.text + "` is no error of `" + operation.name + "`",
                    near.empty() ? "declare it: `errors: [" + node.text +
                                       "]`, or use one that every call can have"
                                 : near);
}

void read_success(Unit& unit,
                  const Fields& fields,
                  const machine::OperationDecl& operation,
                  const Place& place,
                  machine::HttpAnswer& answer) {
  for (const char* key : {"message", "retryable"}) {
    if (!fields.has(key)) continue;
    unit.report.error(code::conflicting_keys,
                      fields.key_span(key),
                      "`" + std::string(key) + "` without `error`: nothing failed",
                      "say which error it is: `error: refused`");
  }
  const Node* output = fields.get("output");
  if (output == nullptr) return;
  if (operation.output == nullptr) {
    unit.report.error(code::no_output,
                      fields.key_span("output"),
                      "`" + operation.name + "` declares no `output`",
                      "declare its type, or leave `output` of the answer out");
    return;
  }
  answer.output = compile_http_value(
      unit, *output, {operation.output, "the output of " + operation.name}, place);
}

machine::HttpAnswer read_answer(Unit& unit,
                                const Node& key,
                                const Node& node,
                                const machine::OperationDecl& operation) {
  Place place;
  place.adapter = true;
  place.label = "`answers`";
  place.response = response_type();
  machine::HttpAnswer answer;
  const Fields fields(node, grammar::http_answer, key.span, unit.report);
  fields.exclusive("error", "output", "an answer is a success or a failure");
  const Node* error = fields.get("error");
  if (error == nullptr) {
    read_success(unit, fields, operation, place, answer);
    return answer;
  }
  check_error_code(unit, *error, operation);
  answer.error = error->text;
  if (const Node* message = fields.get("message")) {
    answer.message = compile_http_value(
        unit, *message, {types::simple_type(types::TypeKind::string), "`message`"}, place);
  }
  if (const Node* retryable = fields.get("retryable"))
    answer.retryable = read_bool(*retryable, "`retryable`", unit.report).value_or(false);
  return answer;
}

// The key of the entry that holds a status, too; nullptr when none does.
const Node* overlapping(const Node& map, std::size_t before, const std::pair<int, int>& wanted) {
  for (std::size_t i = 0; i < before; ++i) {
    const auto other = statuses(map.keys[i].text);
    if (map.keys[i].text == "else" || !other) continue;
    if (wanted.first <= other->second && other->first <= wanted.second) return &map.keys[i];
  }
  return nullptr;
}

}  // namespace

void read_http_answers(Unit& unit,
                       const Node& map,
                       const machine::OperationDecl& operation,
                       machine::HttpOperation& into) {
  std::optional<machine::HttpAnswer> otherwise;
  for (std::size_t i = 0; i < map.keys.size(); ++i) {
    const Node& key = map.keys[i];
    auto answer = read_answer(unit, key, map.items[i], operation);
    const auto range = statuses(key.text);
    if (!range) {
      unit.report.error(code::bad_answers,
                        key.span,
                        "`" + key.text + "` is no status",
                        "write a status (404), a range of them (200-299), or `else`");
      continue;
    }
    std::tie(answer.first, answer.last) = *range;
    if (key.text == "else") {
      otherwise = std::move(answer);
      continue;
    }
    if (const Node* other = overlapping(map, i, *range)) {
      unit.report.error(code::bad_answers,
                        key.span,
                        "`" + key.text + "` and `" + other->text + "` answer the same status",
                        "give each status one answer");
    }
    into.answers.push_back(std::move(answer));
  }
  if (otherwise) into.answers.push_back(*std::move(otherwise));
}

}  // namespace vozex::language

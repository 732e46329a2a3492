// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/scenario.h"

namespace vozex::lab {
namespace {

using types::Value;

Value number(std::size_t value) { return Value::integer(static_cast<std::int64_t>(value)); }

Value misses(const std::vector<Coverage::Miss>& list) {
  Value::List values;
  for (const Coverage::Miss& miss : list) {
    values.push_back(
        Value::object({{"name", Value::string(miss.text)}, {"line", number(miss.line)}}));
  }
  return Value::list(std::move(values));
}

Value part(std::uint32_t total, std::uint32_t reached, const std::vector<Coverage::Miss>& missed) {
  return Value::object(
      {{"total", number(total)}, {"reached", number(reached)}, {"missed", misses(missed)}});
}

}  // namespace

double Coverage::percent() const {
  constexpr double k_all = 100;
  const std::uint32_t total = states + transitions;
  if (total == 0) return k_all;
  return k_all * (states_reached + transitions_reached) / total;
}

Value to_value(const ScenarioResult& result) {
  Value::List failures;
  for (const Failure& failure : result.failures) {
    failures.push_back(Value::object({{"line", number(failure.span.line)},
                                      {"what", Value::string(failure.what)},
                                      {"expected", Value::string(failure.expected)},
                                      {"actual", Value::string(failure.actual)},
                                      {"written", Value::string(failure.written)}}));
  }
  const Value value =
      Value::object({{"file", Value::string(result.file)},
                     {"line", number(result.span.line)},
                     {"workflow", Value::string(result.workflow)},
                     {"name", Value::string(result.name)},
                     {"passed", Value::boolean(result.passed())},
                     {"steps", number(result.steps)},
                     {"virtual_time", Value::string(format_duration(result.virtual_time))},
                     {"failures", Value::list(std::move(failures))}});
  return result.passed() ? value : value.with("explanation", Value::string(result.explanation));
}

Value to_value(const Coverage& coverage) {
  return Value::object(
      {{"workflow", Value::string(coverage.workflow)},
       {"percent", Value::real(coverage.percent())},
       {"states", part(coverage.states, coverage.states_reached, coverage.missed_states)},
       {"transitions",
        part(coverage.transitions, coverage.transitions_reached, coverage.missed_transitions)}});
}

}  // namespace vozex::lab

// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/junit.h"

#include <map>
#include <vector>

#include "engine/lab/words.h"

namespace vozex::lab {
namespace {

struct Suite {
  std::vector<const ScenarioResult*> cases;
  std::vector<const Diagnostic*> mistakes;

  std::size_t failures() const {
    std::size_t count = 0;
    for (const ScenarioResult* one : cases) count += one->passed() ? 0u : 1u;
    return count;
  }
};

void write_case(std::string& out, const ScenarioResult& result) {
  out += "    <testcase classname=\"" + xml_text(result.workflow) + "\" name=\"" +
         xml_text(result.name) + "\" file=\"" + xml_text(result.file) + "\" line=\"" +
         std::to_string(result.span.line) + "\"";
  if (result.passed()) {
    out += "/>\n";
    return;
  }
  const Failure& first = result.failures.front();
  const std::string message =
      first.what + ": expected " + first.expected + ", actual " + first.actual;
  out += ">\n      <failure message=\"" + xml_text(message) + "\">" + xml_text(render(result)) +
         "</failure>\n    </testcase>\n";
}

void write_mistake(std::string& out, const Diagnostic& mistake) {
  const std::string place = mistake.file + ":" + std::to_string(mistake.span.line);
  out += "    <testcase classname=\"" + xml_text(mistake.file) + "\" name=\"" + xml_text(place) +
         "\">\n      <error message=\"" + xml_text(mistake.code + ": " + mistake.message) +
         "\"/>\n    </testcase>\n";
}

}  // namespace

std::string to_junit(const ScenarioReport& report) {
  std::map<std::string, Suite> suites;
  for (const ScenarioResult& one : report.scenarios) suites[one.file].cases.push_back(&one);
  for (const Diagnostic& one : report.diagnostics) {
    if (one.severity == Severity::error) suites[one.file].mistakes.push_back(&one);
  }
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (const auto& [file, suite] : suites) {
    out += "  <testsuite name=\"" + xml_text(file) + "\" tests=\"" +
           std::to_string(suite.cases.size() + suite.mistakes.size()) + "\" failures=\"" +
           std::to_string(suite.failures()) + "\" errors=\"" +
           std::to_string(suite.mistakes.size()) + "\">\n";
    for (const Diagnostic* mistake : suite.mistakes) write_mistake(out, *mistake);
    for (const ScenarioResult* one : suite.cases) write_case(out, *one);
    out += "  </testsuite>\n";
  }
  return out + "</testsuites>\n";
}

}  // namespace vozex::lab

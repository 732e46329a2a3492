// SPDX-License-Identifier: Apache-2.0
//
// Files of cases, {"cases": [{"id", ...}]}, read with care: they come from outside. A file that
// can't be read, a document of another form, a case without an id or with members of the wrong type
// are failures with a line of their own; members nobody asks for are passed over.
#pragma once

#include <functional>
#include <string>

#include <nlohmann/json.hpp>

#include "tests/conformance/report.h"

namespace vozex::conformance {

// The kind of a case: the member that all of its kind have. "machine" or "expr".
struct CaseKind {
  const char* name;  // "statechart", for messages
  const char* member;
  // Judges one case; may throw nlohmann's and other exceptions, which count as a malformed case.
  std::function<void(const nlohmann::json& test_case, Report& report)> run;
};

// Runs a file, or all `*.json` of a folder in order of their names; of a folder, files of other
// kinds are passed over. Does not close the report.
void run_cases(const std::string& file_or_folder, const CaseKind& kind, Report& report);

// The kinds there are.
CaseKind statechart_cases();
CaseKind cel_cases();

// The whole of a file as JSON; on failure reports it and returns a discarded value.
nlohmann::json read_json_file(const std::string& path, Report& report);

}  // namespace vozex::conformance

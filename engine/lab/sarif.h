// SPDX-License-Identifier: Apache-2.0
//
// Diagnostics as SARIF 2.1.0 (OASIS), the form that code scanning and editors read: one run, a rule
// for each code that occurs with its page as help, a result for each diagnostic with its hint in
// the message. Columns count code points, which `columnKind` says. Tests: tests/unit/lab.
#pragma once

#include <string>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/types/value.h"

namespace vozex::lab {

struct SarifTool {
  std::string version;
  std::string docs_url;  // pages are at <docs_url>/<code>; "" gives rules no helpUri
};

// `files` are those that were checked, the faultless included.
types::Value to_sarif(const std::vector<Diagnostic>& diagnostics,
                      const std::vector<std::string>& files,
                      const SarifTool& tool);

}  // namespace vozex::lab

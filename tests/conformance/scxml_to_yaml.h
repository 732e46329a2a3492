// SPDX-License-Identifier: Apache-2.0
//
// A statechart of the conformance data as text of our language. YAML is a superset of JSON: what
// comes out is JSON with the keys in the order that matters. Differences between the two languages
// are bridged here, each where it arises: descriptors match prefixes, `*` takes reserved events, a
// transition is external unless it says so, `if` and `foreach` hold several actions.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/machine/machine.h"

namespace vozex::conformance {

struct TranslatedChart {
  std::vector<machine::SourceFile> files;    // the chart first, then the machines it invokes
  std::map<std::string, std::string> paths;  // of the chart's states, by id
  std::string obstacle;                      // why the language can't express it; "" when it can
};

TranslatedChart translate_chart(const nlohmann::json& test_case);

}  // namespace vozex::conformance

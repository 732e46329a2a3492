// SPDX-License-Identifier: Apache-2.0
//
// Makes the drawing that `dot -Tsvg` gives of to_dot() a document of its own: colours for light and
// dark pages, a title and words for people who can't see it, nothing that needs a network or a
// script. Pure. Tests: tests/unit/lab.
#pragma once

#include <string>
#include <string_view>

#include "engine/lab/graph/model.h"

namespace vozex::lab {

// `drawn` as it came from dot. "" when it is no drawing.
std::string finished_svg(std::string_view drawn, const Graph& graph);

}  // namespace vozex::lab

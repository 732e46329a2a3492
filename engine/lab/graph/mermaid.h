// SPDX-License-Identifier: Apache-2.0
//
// A graph as Mermaid's stateDiagram-v2, for documents and pull requests. Nested and parallel states
// are composites; what Mermaid has no form for (history, transitions of the whole machine or from a
// state into itself) becomes a state of its own or a note. Pure. Tests: tests/golden/graph.
#pragma once

#include <string>

#include "engine/lab/graph/model.h"

namespace vozex::lab {

std::string to_mermaid(const Graph& graph);

}  // namespace vozex::lab

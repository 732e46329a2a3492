// SPDX-License-Identifier: Apache-2.0
//
// A graph in the language of Graphviz's `dot`: states as boxes with their rows, compound and
// parallel states as clusters, regions dashed, markers for initial states, history and ends. Nodes,
// edges and clusters carry ids and classes that svg.h builds on. Pure. Tests: tests/golden/graph.
#pragma once

#include <string>
#include <vector>

#include "engine/lab/graph/model.h"

namespace vozex::lab {

std::string to_dot(const Graph& graph);

// What an element of the drawing is, for people who can't see it: by the id that to_dot() gave it.
struct DrawnElement {
  std::string id;
  std::string words;  // "Paying, state. invoke workflow payment", "paying to fulfilled: done"
};
std::vector<DrawnElement> drawn_elements(const Graph& graph);

// The colours of a light page that to_dot() uses; svg.h replaces them by rules for light and dark.
namespace ink {
inline constexpr const char* k_text = "#1f2937";
inline constexpr const char* k_muted = "#6b7280";
inline constexpr const char* k_accent = "#4338ca";
inline constexpr const char* k_line = "#64748b";
inline constexpr const char* k_state = "#f8fafc";
inline constexpr const char* k_border = "#94a3b8";
inline constexpr const char* k_page = "#ffffff";
}  // namespace ink

}  // namespace vozex::lab

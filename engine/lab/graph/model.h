// SPDX-License-Identifier: Apache-2.0
//
// Graph: a machine as something to draw, and nothing of how. States are nested nodes; what a state
// does without leaving it is a row of its box; transitions with targets are edges. The drawings
// (mermaid.h, dot.h, svg.h) and the console read this; as JSON it is described in docs/tools.md.
// Pure values. Tests: tests/unit/lab, tests/golden/graph.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/lab/transition_roles.h"
#include "engine/machine/machine.h"
#include "engine/types/value.h"

namespace vozex::lab {

enum class NodeKind : std::uint8_t {
  root,
  atomic,
  compound,
  parallel,
  region,  // compound, and a part of a parallel one
  final,
  history,
  deep_history
};
const char* to_string(NodeKind kind);

enum class RowKind : std::uint8_t {
  entry,    // on_entry
  exit,     // on_exit
  invoke,   // work that lives as long as the state
  task,     // an entry in people's inbox
  stays,    // a transition without target
  defers,   // events kept for later
  ignores,  // events consumed without effect
};
const char* to_string(RowKind kind);

struct GraphRow {
  RowKind kind = RowKind::stays;
  std::string text;
};

struct GraphNode {
  std::string id;      // the state's path; "" for the root
  std::string name;    // the state's own name
  std::string title;   // for people; "" when the file has none
  std::string status;  // the public word when it is fixed
  NodeKind kind = NodeKind::atomic;
  std::size_t parent = 0;
  std::vector<std::size_t> children;  // history included, in document order
  std::vector<std::size_t> initial;   // where entering it leads; of history: its default
  std::vector<GraphRow> rows;
  std::vector<std::string> tags;
  std::string outcome;  // final at the top: completed, failed, cancelled
  std::uint32_t line = 0;

  // Drawn as a box around others.
  bool is_container() const { return !children.empty(); }
};

struct GraphEdge {
  std::size_t from = 0;
  std::vector<std::size_t> to;  // at least one
  TransitionRole role;
  std::string guard;
  std::vector<std::string> actions;
  bool reenter = false;
  std::uint32_t index = 0;  // of the transition in its machine
  std::uint32_t line = 0;
};

struct Graph {
  std::string workflow;
  std::uint32_t version = 0;
  std::string title;
  std::vector<GraphNode> nodes;  // [0] is the root; a parent stands before its children
  std::vector<GraphEdge> edges;  // in document order

  bool contains(std::size_t outer, std::size_t inner) const;  // at any depth, not itself
};

Graph graph_of(const machine::Machine& machine);

types::Value to_value(const Graph& graph);

// What makes an edge fire, short enough for a drawing: "payment.succeeded", "after 30m", "error".
std::string trigger_text(const GraphEdge& edge);
// Actions that the world notices: emits, calls, replies; not assignments and logs.
std::vector<std::string> outward(const std::vector<std::string>& actions);
// What people call a node: its title, else its name with blanks.
std::string label_of(const GraphNode& node);
// The label of the whole: "Payment of one order (payment, version 1)".
std::string caption_of(const Graph& graph);

// Text cut into lines of about `width` code points, at blanks where there are some; more than
// `max_lines` end in "…".
std::vector<std::string> wrapped(const std::string& text, std::size_t width, std::size_t max_lines);

}  // namespace vozex::lab

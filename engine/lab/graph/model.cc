// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/graph/model.h"

#include <algorithm>

#include "engine/base/text.h"

namespace vozex::lab {
namespace {

using types::Value;

Value number(std::size_t value) { return Value::integer(static_cast<std::int64_t>(value)); }

Value texts(const std::vector<std::string>& list) {
  Value::List values;
  for (const std::string& one : list) values.push_back(Value::string(one));
  return Value::list(std::move(values));
}

Value ids(const Graph& graph, const std::vector<std::size_t>& nodes) {
  Value::List values;
  for (const std::size_t node : nodes) values.push_back(Value::string(graph.nodes[node].id));
  return Value::list(std::move(values));
}

Value to_value(const Graph& graph, const GraphNode& node) {
  Value::List rows;
  for (const GraphRow& row : node.rows) {
    rows.push_back(Value::object(
        {{"kind", Value::string(to_string(row.kind))}, {"text", Value::string(row.text)}}));
  }
  Value value = Value::object({{"id", Value::string(node.id)},
                               {"name", Value::string(node.name)},
                               {"title", Value::string(node.title)},
                               {"kind", Value::string(to_string(node.kind))},
                               {"initial", ids(graph, node.initial)},
                               {"rows", Value::list(std::move(rows))},
                               {"tags", texts(node.tags)},
                               {"line", number(node.line)}});
  if (node.kind != NodeKind::root)
    value = value.with("parent", Value::string(graph.nodes[node.parent].id));
  if (!node.status.empty()) value = value.with("status", Value::string(node.status));
  if (!node.outcome.empty()) value = value.with("outcome", Value::string(node.outcome));
  return value;
}

Value to_value(const Graph& graph, const GraphEdge& edge) {
  Value value = Value::object({{"from", Value::string(graph.nodes[edge.from].id)},
                               {"to", ids(graph, edge.to)},
                               {"trigger", Value::string(to_string(edge.role.trigger))},
                               {"name", Value::string(edge.role.name)},
                               {"actions", texts(edge.actions)},
                               {"reenter", Value::boolean(edge.reenter)},
                               {"index", number(edge.index)},
                               {"line", number(edge.line)}});
  return edge.guard.empty() ? value : value.with("guard", Value::string(edge.guard));
}

// Bytes of the first `count` code points.
std::size_t prefix_bytes(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const bool begins = (static_cast<unsigned char>(text[at]) & 0xC0u) != 0x80u;
    if (begins && count-- == 0) break;
  }
  return at;
}

}  // namespace

const char* to_string(NodeKind kind) {
  switch (kind) {
    case NodeKind::root: return "root";
    case NodeKind::atomic: return "atomic";
    case NodeKind::compound: return "compound";
    case NodeKind::parallel: return "parallel";
    case NodeKind::region: return "region";
    case NodeKind::final: return "final";
    case NodeKind::history: return "history";
    case NodeKind::deep_history: return "deep_history";
  }
  return "";
}

const char* to_string(RowKind kind) {
  switch (kind) {
    case RowKind::entry: return "entry";
    case RowKind::exit: return "exit";
    case RowKind::invoke: return "invoke";
    case RowKind::task: return "task";
    case RowKind::stays: return "stays";
    case RowKind::defers: return "defers";
    case RowKind::ignores: return "ignores";
  }
  return "";
}

bool Graph::contains(std::size_t outer, std::size_t inner) const {
  while (inner != 0) {
    inner = nodes[inner].parent;
    if (inner == outer) return true;
  }
  return false;
}

Value to_value(const Graph& graph) {
  Value::List nodes;
  for (const GraphNode& node : graph.nodes) nodes.push_back(to_value(graph, node));
  Value::List edges;
  for (const GraphEdge& edge : graph.edges) edges.push_back(to_value(graph, edge));
  return Value::object({{"workflow", Value::string(graph.workflow)},
                        {"version", number(graph.version)},
                        {"title", Value::string(graph.title)},
                        {"nodes", Value::list(std::move(nodes))},
                        {"edges", Value::list(std::move(edges))}});
}

std::string trigger_text(const GraphEdge& edge) {
  switch (edge.role.trigger) {
    case Trigger::event:
    case Trigger::action: return edge.role.name;
    case Trigger::always: return "";
    case Trigger::done:
    case Trigger::invoked: return "done";
    case Trigger::failed: return "error";
    case Trigger::each: return "each";
    case Trigger::after: return "after " + edge.role.name;
    case Trigger::every: return "every " + edge.role.name;
    case Trigger::overdue: return "overdue";
  }
  return "";
}

std::vector<std::string> outward(const std::vector<std::string>& actions) {
  std::vector<std::string> out;
  for (const std::string& action : actions) {
    if (!action.starts_with("set ") && action != "log") out.push_back(action);
  }
  return out;
}

std::string label_of(const GraphNode& node) {
  if (!node.title.empty()) return node.title;
  std::string label = node.name;
  std::replace(label.begin(), label.end(), '_', ' ');
  return label;
}

std::string caption_of(const Graph& graph) {
  const std::string which = graph.workflow + ", version " + std::to_string(graph.version);
  return graph.title.empty() ? which : graph.title + " (" + which + ")";
}

std::vector<std::string> wrapped(const std::string& text,
                                 std::size_t width,
                                 std::size_t max_lines) {
  std::vector<std::string> lines;
  std::string_view rest = text;
  while (!rest.empty()) {
    if (lines.size() == max_lines) {
      lines.back() += "…";
      break;
    }
    std::size_t end = prefix_bytes(rest, width);
    if (end < rest.size()) {
      const std::size_t blank = rest.rfind(' ', end);
      if (blank != std::string_view::npos && blank > 0) end = blank;
    }
    lines.emplace_back(rest.substr(0, end));
    rest.remove_prefix(end);
    while (rest.starts_with(' ')) rest.remove_prefix(1);
  }
  return lines;
}

}  // namespace vozex::lab

// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/graph/dot.h"
#include "engine/lab/words.h"

namespace vozex::lab {
namespace {

constexpr std::size_t k_row_width = 44;
constexpr std::size_t k_row_lines = 3;
constexpr std::size_t k_edge_width = 30;
constexpr std::size_t k_edge_lines = 3;

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string font(const char* colour, const std::string& content, int size = 0) {
  return "<font color=\"" + std::string(colour) + "\"" +
         (size != 0 ? " point-size=\"" + std::to_string(size) + "\"" : "") + ">" + content +
         "</font>";
}

// Lines of a label, each ending to the left.
std::string broken(const std::string& text, std::size_t width, std::size_t lines) {
  std::string out;
  for (const std::string& line : wrapped(text, width, lines))
    out += (out.empty() ? "" : "<br align=\"left\"/>") + xml_text(line);
  return out;
}

const char* mark_of(RowKind kind) {
  switch (kind) {
    case RowKind::entry: return "entry /";
    case RowKind::exit: return "exit /";
    case RowKind::invoke: return "invoke";
    case RowKind::task: return "task";
    case RowKind::stays: return "";
    case RowKind::defers: return "defers";
    case RowKind::ignores: return "ignores";
  }
  return "";
}

std::string row_cell(const GraphRow& row) {
  const std::string mark = mark_of(row.kind);
  const char* colour =
      row.kind == RowKind::invoke || row.kind == RowKind::task ? ink::k_accent : ink::k_muted;
  const std::string text = (mark.empty() ? "" : mark + " ") + row.text;
  return "<tr><td align=\"left\" balign=\"left\">" +
         font(colour, broken(text, k_row_width, k_row_lines), 10) + "</td></tr>";
}

std::string table(const GraphNode& node, const std::string& title) {
  std::string out = "<<table border=\"0\" cellborder=\"0\" cellspacing=\"0\" cellpadding=\"2\">";
  out += "<tr><td align=\"" + std::string(node.rows.empty() ? "center" : "left") + "\">" +
         font(ink::k_text, "<b>" + xml_text(title) + "</b>", 13) + "</td></tr>";
  if (!node.status.empty() && node.status != node.name) {
    out += "<tr><td align=\"" + std::string(node.rows.empty() ? "center" : "left") + "\">" +
           font(ink::k_muted, "<i>" + xml_text(node.status) + "</i>", 10) + "</td></tr>";
  }
  for (const GraphRow& row : node.rows) out += row_cell(row);
  return out + "</table>>";
}

// "payment.failed", the guard in brackets, what the world notices of it.
std::string edge_table(const GraphEdge& edge) {
  std::vector<std::string> lines;
  const std::string trigger = trigger_text(edge);
  const bool timer = edge.role.trigger == Trigger::after || edge.role.trigger == Trigger::every;
  const bool person = edge.role.trigger == Trigger::action;
  if (!trigger.empty()) {
    const std::string words = broken(trigger, k_edge_width, k_edge_lines);
    lines.push_back(timer || person ? font(ink::k_accent, words) : font(ink::k_text, words));
  }
  if (!edge.guard.empty()) {
    lines.push_back(
        font(ink::k_muted, broken("[" + edge.guard + "]", k_edge_width, k_edge_lines), 10));
  }
  for (const std::string& action : outward(edge.actions))
    lines.push_back(font(ink::k_muted, broken("/ " + action, k_edge_width, 2), 10));
  if (lines.empty()) return "";
  std::string out = "<<table border=\"0\" cellborder=\"0\" cellspacing=\"0\" cellpadding=\"3\">";
  for (const std::string& line : lines)
    out += "<tr><td align=\"left\" balign=\"left\">" + line + "</td></tr>";
  return out + "</table>>";
}

class Writer {
 public:
  explicit Writer(const Graph& graph) : graph_(graph), anchored_(graph.nodes.size(), false) {
    for (const GraphEdge& edge : graph.edges) {
      for (const std::size_t target : edge.to) {
        const bool inward = edge.from == target || graph.contains(edge.from, target);
        if (inward && graph.nodes[edge.from].is_container()) anchored_[edge.from] = true;
      }
    }
  }

  std::string write() {
    out_ = "digraph " + quoted(graph_.workflow) + " {\n";
    depth_ = 1;
    line("compound=true; rankdir=TB; nodesep=0.45; ranksep=0.55; pad=0.3; newrank=true;");
    line("bgcolor=\"transparent\"; fontname=\"Helvetica\"; labelloc=t; labeljust=l; fontsize=16;");
    line("label=" + root_label() + ";");
    line(
        "node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica\", fontsize=12, "
        "margin=\"0.12,0.07\", color=\"" +
        std::string(ink::k_border) + "\", fillcolor=\"" + ink::k_state + "\"];");
    line("edge [fontname=\"Helvetica\", fontsize=11, color=\"" + std::string(ink::k_line) +
         "\", arrowsize=0.75];");
    content(0);
    for (std::size_t i = 0; i < graph_.edges.size(); ++i) edge(i);
    out_ += "}\n";
    return std::move(out_);
  }

 private:
  void line(const std::string& text) { out_ += std::string(depth_ * 2, ' ') + text + "\n"; }

  std::string root_label() const {
    GraphNode root = graph_.nodes[0];
    root.status.clear();
    return table(root, caption_of(graph_));
  }

  static std::string anchor_of(std::size_t index) { return "from " + std::to_string(index); }
  static std::string start_of(std::size_t index) { return "start " + std::to_string(index); }
  static std::string cluster_of(std::size_t index) { return "cluster " + std::to_string(index); }

  void content(std::size_t index) {
    const GraphNode& node = graph_.nodes[index];
    if (!node.initial.empty() && node.kind != NodeKind::history &&
        node.kind != NodeKind::deep_history) {
      line(quoted(start_of(index)) +
           " [shape=circle, style=filled, label=\"\", width=0.16, "
           "fixedsize=true, class=\"start\", id=\"start" +
           std::to_string(index) + "\", fillcolor=\"" + ink::k_line + "\", color=\"" + ink::k_line +
           "\"];");
    }
    if (anchored_[index]) {
      line(quoted(anchor_of(index)) +
           " [shape=box, style=\"rounded,dashed\", label=\"any state\", fontsize=10, "
           "class=\"anchor\", id=\"anchor" +
           std::to_string(index) + "\", fontcolor=\"" + ink::k_muted + "\", color=\"" +
           ink::k_border + "\"];");
    }
    for (const std::size_t child : node.children) {
      if (graph_.nodes[child].is_container()) {
        cluster(child);
      } else {
        box(child);
      }
    }
    markers(index, node);
  }

  void markers(std::size_t index, const GraphNode& node) {
    const bool history = node.kind == NodeKind::history || node.kind == NodeKind::deep_history;
    for (const std::size_t target : node.initial) {
      if (history) break;
      line(quoted(start_of(index)) + " -> " + quoted(head_of(target)) + " [class=\"initial\"" +
           clip("lhead", target) + "];");
    }
    for (const std::size_t child : node.children) {
      const NodeKind kind = graph_.nodes[child].kind;
      if (kind != NodeKind::history && kind != NodeKind::deep_history) continue;
      for (const std::size_t target : graph_.nodes[child].initial) {
        line(quoted(graph_.nodes[child].id) + " -> " + quoted(head_of(target)) +
             " [class=\"initial\", style=dashed" + clip("lhead", target) + "];");
      }
    }
  }

  void cluster(std::size_t index) {
    const GraphNode& node = graph_.nodes[index];
    line("subgraph " + quoted(cluster_of(index)) + " {");
    ++depth_;
    const bool region = node.kind == NodeKind::region;
    line("label=" + table(node, label_of(node)) + "; labeljust=l; margin=14; style=\"rounded" +
         std::string(region ? ",dashed" : "") + "\"; color=\"" + ink::k_border + "\"; class=\"" +
         to_string(node.kind) + "\"; id=\"n" + std::to_string(index) + "\";");
    content(index);
    --depth_;
    line("}");
  }

  void box(std::size_t index) {
    const GraphNode& node = graph_.nodes[index];
    std::string look = "class=\"" + std::string(to_string(node.kind)) +
                       (node.outcome.empty() ? "" : " " + node.outcome) + "\", id=\"n" +
                       std::to_string(index) + "\"";
    if (node.kind == NodeKind::final) look += ", peripheries=2";
    if (node.kind == NodeKind::history || node.kind == NodeKind::deep_history) {
      line(quoted(node.id) + " [shape=circle, style=filled, margin=0.02, label=\"" +
           (node.kind == NodeKind::history ? "H" : "H*") + "\", " + look + "];");
      return;
    }
    line(quoted(node.id) + " [label=" + table(node, label_of(node)) + ", " + look + "];");
  }

  // A node that stands for a state when an edge ends there: itself, or one inside its cluster.
  std::string head_of(std::size_t index) const {
    const GraphNode& node = graph_.nodes[index];
    if (!node.is_container()) return node.id;
    if (!node.initial.empty()) return start_of(index);
    return head_of(node.children.front());
  }
  std::string tail_of(std::size_t index) const {
    const GraphNode& node = graph_.nodes[index];
    return node.is_container() ? tail_of(node.children.back()) : node.id;
  }

  std::string clip(const char* end, std::size_t index) const {
    if (!graph_.nodes[index].is_container() || index == 0) return "";
    return std::string(", ") + end + "=" + quoted(cluster_of(index));
  }

  void edge(std::size_t position) {
    const GraphEdge& one = graph_.edges[position];
    for (std::size_t i = 0; i < one.to.size(); ++i) {
      const std::size_t target = one.to[i];
      const bool inward =
          anchored_[one.from] && (one.from == target || graph_.contains(one.from, target));
      const std::string tail = inward ? anchor_of(one.from) : tail_of(one.from);
      std::string look = "class=\"" + std::string(to_string(one.role.trigger)) + "\", id=\"e" +
                         std::to_string(position) + (i == 0 ? "" : "_" + std::to_string(i)) + "\"";
      if (!inward) look += clip("ltail", one.from);
      if (one.from != target) look += clip("lhead", target);
      const std::string label = i == 0 ? edge_table(one) : "";
      if (!label.empty()) look += ", label=" + label;
      const bool to_itself = inward && one.from == target;
      line(quoted(tail) + " -> " + quoted(to_itself ? tail : head_of(target)) + " [" + look + "];");
    }
  }

  const Graph& graph_;
  std::vector<bool> anchored_;  // has transitions into itself: they begin at a box of their own
  std::string out_;
  std::size_t depth_ = 0;
};

std::string words_of(const GraphNode& node) {
  std::string words =
      label_of(node) + ", " + (node.kind == NodeKind::atomic ? "state" : to_string(node.kind));
  if (!node.outcome.empty()) words += ", " + node.outcome;
  for (const GraphRow& row : node.rows) {
    const std::string mark = mark_of(row.kind);
    words += "; " + (mark.empty() ? "" : mark + " ") + row.text;
  }
  return words;
}

}  // namespace

std::string to_dot(const Graph& graph) { return Writer(graph).write(); }

std::vector<DrawnElement> drawn_elements(const Graph& graph) {
  std::vector<DrawnElement> all;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const std::string number = std::to_string(i);
    const std::string label = i == 0 ? graph.workflow : label_of(graph.nodes[i]);
    if (i != 0) all.push_back({"n" + number, words_of(graph.nodes[i])});
    all.push_back({"start" + number, "start of " + label});
    all.push_back({"anchor" + number, "any state of " + label});
  }
  for (std::size_t i = 0; i < graph.edges.size(); ++i) {
    const GraphEdge& edge = graph.edges[i];
    for (std::size_t k = 0; k < edge.to.size(); ++k) {
      std::string words = (edge.from == 0 ? "anywhere" : label_of(graph.nodes[edge.from])) +
                          " to " + label_of(graph.nodes[edge.to[k]]) + ": " + role_text(edge.role);
      if (!edge.guard.empty()) words += " when " + edge.guard;
      for (const std::string& action : edge.actions) words += ", " + action;
      all.push_back({"e" + std::to_string(i) + (k == 0 ? "" : "_" + std::to_string(k)), words});
    }
  }
  return all;
}

}  // namespace vozex::lab

// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/graph/mermaid.h"

#include <algorithm>
#include <set>

#include "engine/lab/words.h"

namespace vozex::lab {
namespace {

constexpr std::size_t k_guard_width = 60;

// Mermaid ends a label at ; and : and reads its own marks and HTML in it; #58; and so on are its
// escapes.
std::string escaped(const std::string& text) {
  static constexpr std::string_view k_special = ":;#\"<>&{}%\\`";
  std::string out;
  for (const char c : text) {
    if (k_special.find(c) != std::string_view::npos) {
      out += "#" + std::to_string(static_cast<int>(c)) + ";";
    } else {
      out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return out;
}

std::string shortened(const std::string& text) {
  const auto lines = wrapped(text, k_guard_width, 1);
  return lines.empty() ? "" : lines.front();
}

std::string label_of_edge(const GraphEdge& edge) {
  std::string label = trigger_text(edge);
  if (!edge.guard.empty()) label += (label.empty() ? "[" : " [") + shortened(edge.guard) + "]";
  const std::string actions = joined(outward(edge.actions));
  if (!actions.empty()) label += (label.empty() ? "/ " : " / ") + actions;
  return escaped(label);
}

class Writer {
 public:
  explicit Writer(const Graph& graph)
      : graph_(graph), by_level_(graph.nodes.size()), inward_(graph.nodes.size()) {
    name_all();
    for (const GraphEdge& edge : graph.edges) {
      for (const std::size_t target : edge.to) {
        const bool inward = is_inward(edge.from, target);
        auto& list = inward ? inward_[edge.from] : by_level_[level_of(edge.from, target)];
        list.push_back({&edge, target});
      }
    }
  }

  std::string write() {
    out_ = "---\ntitle: " + quoted(caption_of(graph_)) + "\n---\nstateDiagram-v2\n";
    depth_ = 1;
    content(0);
    return std::move(out_);
  }

 private:
  // A YAML string.
  static std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
      if (c == '"' || c == '\\') out += '\\';
      out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    return out + "\"";
  }

  void name_all() {
    names_.resize(graph_.nodes.size());
    std::set<std::string> taken{"state",
                                "note",
                                "end",
                                "direction",
                                "as",
                                "class",
                                "hide",
                                "scale",
                                "classDef",
                                "style",
                                "fork",
                                "join",
                                "choice",
                                "left",
                                "right",
                                "of",
                                "click"};
    for (std::size_t i = 1; i < names_.size(); ++i) names_[i] = fresh(graph_.nodes[i].id, taken);
    anywhere_ = fresh("anywhere", taken);
  }

  static std::string fresh(std::string name, std::set<std::string>& taken) {
    for (char& c : name) {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!plain) c = '_';
    }
    while (!taken.insert(name).second) name += "_";
    return name;
  }

  void line(const std::string& text) { out_ += std::string(depth_ * 2, ' ') + text + "\n"; }

  bool needs_label(const GraphNode& node, const std::string& name) const {
    return label_of(node) != name;
  }

  // A state with everything in it, then the transitions that belong on this level.
  void content(std::size_t index) {
    const GraphNode& node = graph_.nodes[index];
    for (const std::size_t target : node.initial) line("[*] --> " + names_[target]);
    const bool parallel = node.kind == NodeKind::parallel;
    bool first = true;
    for (const std::size_t child : node.children) {
      if (parallel && !first && graph_.nodes[child].is_container()) line("--");
      state(child);
      first = false;
    }
    if (index == 0 && leaves_root()) line("state \"anywhere\" as " + anywhere_);
    for (const Drawn& one : by_level_[index]) transition(*one.edge, one.target);
    for (const std::size_t child : node.children) end_marker(child);
  }

  bool leaves_root() const {
    return std::any_of(graph_.edges.begin(), graph_.edges.end(), [](const GraphEdge& edge) {
      return edge.from == 0;
    });
  }

  // The innermost state around both. Parallel ones hold regions only, so theirs go one level up.
  std::size_t level_of(std::size_t from, std::size_t to) const {
    std::size_t around = graph_.nodes[from].parent;
    while (around != 0 && !graph_.contains(around, to)) around = graph_.nodes[around].parent;
    while (around != 0 && graph_.nodes[around].kind == NodeKind::parallel)
      around = graph_.nodes[around].parent;
    return around;
  }

  // From a composite into itself: Mermaid can't draw that.
  bool is_inward(std::size_t from, std::size_t to) const {
    return from != 0 && graph_.nodes[from].is_container() &&
           (from == to || graph_.contains(from, to));
  }

  void state(std::size_t index) {
    const GraphNode& node = graph_.nodes[index];
    const std::string& name = names_[index];
    const bool history = node.kind == NodeKind::history || node.kind == NodeKind::deep_history;
    if (history) {
      line("state \"" + std::string(node.kind == NodeKind::history ? "H" : "H*") + "\" as " + name);
      for (const std::size_t target : node.initial) line(name + " --> " + names_[target]);
      return;
    }
    const std::string label =
        needs_label(node, name) ? "state \"" + escaped(label_of(node)) + "\" as " + name : "";
    if (node.is_container()) {
      line((label.empty() ? "state " + name : label) + " {");
      ++depth_;
      content(index);
      --depth_;
      line("}");
      note(index);
      return;
    }
    line(label.empty() && node.rows.empty() ? name
         : label.empty()                    ? "state \"" + name + "\" as " + name
                                            : label);
    for (const GraphRow& row : node.rows) line(name + " : " + row_text(row));
  }

  static std::string row_text(const GraphRow& row) {
    const std::string text = shortened(row.text);
    return escaped(row.kind == RowKind::stays ? text
                                              : std::string(to_string(row.kind)) + " " + text);
  }

  // What a composite does by itself, and its transitions into itself.
  void note(std::size_t index) {
    std::vector<std::string> lines;
    for (const GraphRow& row : graph_.nodes[index].rows) lines.push_back(row_text(row));
    for (const Drawn& one : inward_[index])
      lines.push_back(label_of_edge(*one.edge) + " → " +
                      escaped(label_of(graph_.nodes[one.target])));
    if (lines.empty()) return;
    line("note right of " + names_[index]);
    ++depth_;
    for (const std::string& text : lines) line(text);
    --depth_;
    line("end note");
  }

  void transition(const GraphEdge& edge, std::size_t target) {
    const std::string label = label_of_edge(edge);
    line((edge.from == 0 ? anywhere_ : names_[edge.from]) + " --> " + names_[target] +
         (label.empty() ? "" : " : " + label));
  }

  void end_marker(std::size_t index) {
    if (graph_.nodes[index].kind == NodeKind::final) line(names_[index] + " --> [*]");
  }

  struct Drawn {
    const GraphEdge* edge;
    std::size_t target;
  };

  const Graph& graph_;
  std::vector<std::vector<Drawn>> by_level_;  // by the innermost state around both ends
  std::vector<std::vector<Drawn>> inward_;    // by source: notes have them
  std::vector<std::string> names_;
  std::string anywhere_;
  std::string out_;
  std::size_t depth_ = 0;
};

}  // namespace

std::string to_mermaid(const Graph& graph) { return Writer(graph).write(); }

}  // namespace vozex::lab

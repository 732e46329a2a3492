// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "engine/lab/graph/model.h"
#include "engine/lab/words.h"

namespace vozex::lab {
namespace {

using machine::State;
using machine::StateKind;
using machine::Transition;
using machine::TransitionIndex;

std::vector<std::string> texts_of(const machine::Block& block) {
  std::vector<std::string> texts;
  for (const machine::Action& action : block) texts.push_back(action_text(action));
  return texts;
}

std::string constant_text(const expr::ProgramRef& program) {
  const types::Value* value = program != nullptr ? expr::constant_of(*program) : nullptr;
  return value != nullptr && value->is_string() ? value->as_string() : "";
}

class Builder {
 public:
  explicit Builder(const machine::Machine& machine)
      : machine_(machine), roles_(roles_of(machine)) {}

  Graph build() {
    graph_.workflow = machine_.workflow;
    graph_.version = machine_.version;
    graph_.title = machine_.title;
    graph_.nodes.resize(machine_.states.size());
    for (const State& state : machine_.states) add_node(state);
    for (TransitionIndex i = 0; i < machine_.transitions.size(); ++i) add_transition(i);
    for (const State& state : machine_.states) add_silent_rows(graph_.nodes[state.index]);
    return std::move(graph_);
  }

 private:
  NodeKind kind_of(const State& state) const {
    if (state.index == machine::k_root) return NodeKind::root;
    switch (state.kind) {
      case StateKind::atomic: return NodeKind::atomic;
      case StateKind::parallel: return NodeKind::parallel;
      case StateKind::final: return NodeKind::final;
      case StateKind::history_shallow: return NodeKind::history;
      case StateKind::history_deep: return NodeKind::deep_history;
      case StateKind::compound: break;
    }
    const bool in_parallel = machine_.states[state.parent].kind == StateKind::parallel;
    return in_parallel ? NodeKind::region : NodeKind::compound;
  }

  void add_node(const State& state) {
    GraphNode& node = graph_.nodes[state.index];
    node.id = state.path;
    node.name = state.id;
    node.title = state.index == machine::k_root ? machine_.title : state.title;
    node.status = constant_text(state.status);
    node.kind = kind_of(state);
    node.tags = state.tags;
    node.line = state.span.line;
    for (const machine::StateIndex target : state.initial) node.initial.push_back(target);
    if (state.index != machine::k_root) {
      node.parent = state.parent;
      graph_.nodes[state.parent].children.push_back(state.index);
    }
    if (node.kind == NodeKind::final && state.parent == machine::k_root)
      node.outcome = machine::to_string(state.outcome);
    add_rows(state, node);
  }

  void add_rows(const State& state, GraphNode& node) {
    for (const machine::Block& block : state.on_entry) add_block(node, RowKind::entry, block);
    for (const machine::Block& block : state.on_exit) add_block(node, RowKind::exit, block);
    for (const std::uint16_t index : state.invokes) {
      const machine::InvokeDecl& invoke = machine_.invokes[index];
      const std::string each =
          invoke.for_each != nullptr ? " for each of " + source_line(invoke.for_each) : "";
      node.rows.push_back({RowKind::invoke, invoke_text(invoke) + each});
    }
    if (state.task) {
      const std::string queue = constant_text(machine_.tasks[*state.task].queue);
      node.rows.push_back({RowKind::task, queue.empty() ? "task" : queue});
    }
  }

  void add_block(GraphNode& node, RowKind kind, const machine::Block& block) {
    if (!block.empty()) node.rows.push_back({kind, joined(texts_of(block))});
  }

  void add_transition(TransitionIndex index) {
    const Transition& transition = machine_.transitions[index];
    GraphEdge edge;
    edge.from = transition.source;
    for (const machine::StateIndex target : transition.targets) edge.to.push_back(target);
    edge.role = roles_[index];
    edge.guard = source_line(transition.when);
    edge.actions = texts_of(transition.actions);
    edge.reenter = transition.reenter;
    edge.index = index;
    edge.line = transition.span.line;
    if (!edge.to.empty()) {
      graph_.edges.push_back(std::move(edge));
    } else if (transition.defer) {
      deferred_[edge.from].push_back(edge.role.name);
    } else if (edge.actions.empty() && edge.guard.empty() && edge.role.trigger == Trigger::event) {
      ignored_[edge.from].push_back(edge.role.name);
    } else {
      stay(edge);
    }
  }

  void stay(const GraphEdge& edge) {
    std::string text = role_text(edge.role);
    if (edge.role.trigger == Trigger::event) text = edge.role.name;
    if (!edge.guard.empty()) text += " [" + edge.guard + "]";
    if (!edge.actions.empty()) text += " / " + joined(edge.actions);
    graph_.nodes[edge.from].rows.push_back({RowKind::stays, std::move(text)});
  }

  void add_silent_rows(GraphNode& node) {
    const auto index = static_cast<std::size_t>(&node - graph_.nodes.data());
    if (const auto found = deferred_.find(index); found != deferred_.end())
      node.rows.push_back({RowKind::defers, joined(found->second)});
    if (const auto found = ignored_.find(index); found != ignored_.end())
      node.rows.push_back({RowKind::ignores, joined(found->second)});
  }

  const machine::Machine& machine_;
  std::vector<TransitionRole> roles_;
  Graph graph_;
  std::map<std::size_t, std::vector<std::string>> deferred_;
  std::map<std::size_t, std::vector<std::string>> ignored_;
};

}  // namespace

Graph graph_of(const machine::Machine& machine) { return Builder(machine).build(); }

}  // namespace vozex::lab

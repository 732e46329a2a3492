// SPDX-License-Identifier: Apache-2.0
#include "engine/language/keys.h"
#include "engine/language/literals.h"
#include "engine/language/stages.h"
#include "engine/language/targets.h"
#include "engine/language/values.h"

namespace vozex::language {
namespace {

using machine::k_no_state;
using machine::k_root;
using machine::State;
using machine::StateIndex;
using machine::StateKind;

// Walks the states of the file in document order.
class Outliner {
 public:
  explicit Outliner(Unit& unit) : unit_(unit), states_(unit.machine->states) {}

  void run() {
    add_state("", unit_.root, unit_.root.span, k_no_state);
    states_[k_root].kind = StateKind::compound;
    if (const Node* states = unit_.root.find("states")) add_children(k_root, *states);
    states_[k_root].end = static_cast<StateIndex>(states_.size());
  }

 private:
  StateIndex add_state(const std::string& id,
                       const Node& node,
                       const Span& span,
                       StateIndex parent) {
    State state;
    state.id = id;
    state.index = static_cast<StateIndex>(states_.size());
    state.parent = parent;
    state.span = span;
    if (parent != k_no_state) {
      const State& above = states_[parent];
      state.path = above.path.empty() ? id : above.path + "." + id;
      state.depth = static_cast<std::uint16_t>(above.depth + 1);
    }
    states_.push_back(std::move(state));
    unit_.state_nodes.push_back(&node);
    unit_.state_spans.push_back(span);
    return static_cast<StateIndex>(states_.size() - 1);
  }

  void add_children(StateIndex parent, const Node& section) {
    if (section.broken || !section.is_map()) return;
    if (section.keys.empty() && !section.cut) {
      unit_.report.error(code::empty_section,
                         section.span,
                         "there are no states here",
                         "write at least one: `open: {}`");
    }
    for (std::size_t i = 0; i < section.keys.size(); ++i) {
      const Node& key = section.keys[i];
      if (states_.size() > k_max_states) {
        if (!cut_)
          unit_.report.error(
              code::too_many,
              key.span,
              "more than " + std::to_string(k_max_states) + " states in one workflow",
              "move a part of it into a workflow of its own and invoke it");
        cut_ = true;
        return;
      }
      if (!is_state_name(key.text)) {
        unit_.report.error(code::bad_name,
                           key.span,
                           "`" + key.text + "` can't be a state's name",
                           "use letters, digits, _ and -, beginning with a letter");
        continue;
      }
      add_child(parent, key, section.items[i]);
    }
  }

  void add_child(StateIndex parent, const Node& key, const Node& node) {
    const StateIndex index = add_state(key.text, node, key.span, parent);
    states_[index].kind = kind_of_state(node);
    const bool history = states_[index].kind == StateKind::history_shallow ||
                         states_[index].kind == StateKind::history_deep;
    (history ? states_[parent].histories : states_[parent].children).push_back(index);
    if (states_[index].kind == StateKind::parallel) {
      add_children(index, *node.find("regions"));
    } else if (states_[index].kind == StateKind::compound) {
      add_children(index, *node.find("states"));
    }
    states_[index].end = static_cast<StateIndex>(states_.size());
  }

  StateKind kind_of_state(const Node& node) {
    const Node* type = node.find("type");
    if (type != nullptr && type->is_scalar()) {
      if (type->text == "final") return StateKind::final;
      const Node* deep = node.find("deep");
      if (type->text == "history") {
        return deep != nullptr && deep->text == "true" ? StateKind::history_deep
                                                       : StateKind::history_shallow;
      }
    }
    const Node* regions = node.find("regions");
    if (regions != nullptr && regions->is_map() && !regions->broken) return StateKind::parallel;
    const Node* states = node.find("states");
    return states != nullptr && states->is_map() && !states->broken ? StateKind::compound
                                                                    : StateKind::atomic;
  }

  Unit& unit_;
  std::vector<State>& states_;
  bool cut_ = false;
};

void resolve_initial(Unit& unit, StateIndex index) {
  State& state = unit.machine->states[index];
  const Node& node = *unit.state_nodes[index];
  const Node* initial = node.find("initial");
  if (state.kind != StateKind::compound || state.children.empty()) return;
  if (initial == nullptr || !initial->is_scalar()) {
    state.initial = {state.children.front()};
    return;
  }
  if (const auto target = resolve_inside(unit, index, *initial, "`initial`"))
    state.initial = {*target};
}

}  // namespace

void outline_states(Unit& unit) {
  Outliner(unit).run();
  for (StateIndex i = 0; i < unit.machine->states.size(); ++i) resolve_initial(unit, i);
}

}  // namespace vozex::language

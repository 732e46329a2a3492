// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/step/machine_builder.h"

#include <algorithm>
#include <stdexcept>

#include "engine/machine/scope.h"

namespace vozex::testing {
namespace {

using machine::Block;
using machine::Machine;
using machine::StateIndex;
using machine::StateKind;
using machine::TransitionIndex;

const expr::Scope& scope() {
  static const expr::Scope k_scope = [] {
    expr::Scope names;
    const auto add = [&](const char* name, expr::Slot slot) {
      names.variables.push_back({name, types::dyn_type(), slot, "", machine::member_slots(slot)});
    };
    add("input", machine::k_slot_input);
    add("data", machine::k_slot_data);
    add("event", machine::k_slot_event);
    add("actor", machine::k_slot_actor);
    add("result", machine::k_slot_result);
    add("error", machine::k_slot_error);
    add("invoked", machine::k_slot_invoked);
    add("now", machine::k_slot_now);
    add("instance", machine::k_slot_instance);
    add("config", machine::k_slot_config);
    add("index", machine::k_slot_index);
    add("line", machine::k_slot_item);
    add("each", machine::k_slot_each);
    return names;
  }();
  return k_scope;
}

machine::OperationRef operation(const std::string& name, bool read_only) {
  auto decl = std::make_shared<machine::OperationDecl>();
  const std::size_t dot = name.find('.');
  decl->adapter = name.substr(0, dot);
  decl->name = name.substr(dot + 1);
  decl->read_only = read_only;
  return decl;
}

}  // namespace

expr::ProgramRef program(const std::string& text) {
  if (text.empty()) return nullptr;
  auto compiled = expr::compile(text, scope(), {.check = false, .limits = {}});
  if (!compiled) throw std::runtime_error(text + ": " + compiled.error().front().message);
  return *compiled;
}

MachineBuilder::MachineBuilder(std::string workflow) {
  machine_.workflow = std::move(workflow);
  machine_.states.emplace_back();
  machine_.states[0].kind = StateKind::compound;
  machine_.states[0].end = 1;
}

StateIndex MachineBuilder::index_of(const std::string& path) const {
  for (const machine::State& state : machine_.states) {
    if (state.path == path) return state.index;
  }
  throw std::runtime_error("no state " + path);
}

MachineBuilder& MachineBuilder::state(const std::string& path, StateKind kind) {
  machine::State state;
  const std::size_t dot = path.rfind('.');
  state.id = dot == std::string::npos ? path : path.substr(dot + 1);
  state.path = path;
  state.kind = kind;
  state.index = static_cast<StateIndex>(machine_.states.size());
  state.end = static_cast<StateIndex>(state.index + 1);
  state.parent = index_of(dot == std::string::npos ? "" : path.substr(0, dot));
  state.depth = static_cast<std::uint16_t>(machine_.states[state.parent].depth + 1);
  machine::State& parent = machine_.states[state.parent];
  const bool pseudo = kind == StateKind::history_deep || kind == StateKind::history_shallow;
  (pseudo ? parent.histories : parent.children).push_back(state.index);
  for (StateIndex above = state.parent; above != machine::k_no_state;
       above = machine_.states[above].parent) {
    if (machine_.states[above].end != state.index)
      throw std::runtime_error(path + " is out of document order");
    machine_.states[above].end = state.end;
  }
  machine_.states.push_back(std::move(state));
  return *this;
}

MachineBuilder& MachineBuilder::final_state(const std::string& path,
                                            machine::Outcome outcome,
                                            const std::string& output) {
  state(path, StateKind::final);
  machine_.states.back().outcome = outcome;
  machine_.states.back().output = program(output);
  return *this;
}

MachineBuilder& MachineBuilder::initial(const std::string& path, std::vector<std::string> targets) {
  initials_.emplace_back(index_of(path), std::move(targets));
  return *this;
}

TransitionIndex MachineBuilder::add(const std::string& path,
                                    const std::string& event,
                                    const Arrow& arrow) {
  machine::Transition transition;
  transition.source = index_of(path);
  transition.event = event;
  transition.when = program(arrow.when);
  transition.reenter = arrow.reenter;
  transition.defer = arrow.defer;
  transition.actions = arrow.actions;
  transition.span.line = static_cast<std::uint32_t>(machine_.transitions.size() + 1);
  machine_.transitions.push_back(std::move(transition));
  targets_.push_back(arrow.to);
  return static_cast<TransitionIndex>(machine_.transitions.size() - 1);
}

std::vector<TransitionIndex> MachineBuilder::add_all(const std::string& path,
                                                     const std::vector<Arrow>& arrows) {
  std::vector<TransitionIndex> indices;
  for (const Arrow& arrow : arrows) indices.push_back(add(path, "", arrow));
  return indices;
}

MachineBuilder& MachineBuilder::on(const std::string& path, const std::string& event, Arrow arrow) {
  const TransitionIndex index = add(path, event, arrow);
  machine_.states[index_of(path)].on.push_back(index);
  return *this;
}

MachineBuilder& MachineBuilder::always(const std::string& path, Arrow arrow) {
  const TransitionIndex index = add(path, "", arrow);
  machine_.states[index_of(path)].always.push_back(index);
  return *this;
}

MachineBuilder& MachineBuilder::on_done(const std::string& path, Arrow arrow) {
  const TransitionIndex index = add(path, "done.state." + path, arrow);
  machine_.states[index_of(path)].on_done.push_back(index);
  return *this;
}

MachineBuilder& MachineBuilder::on_entry(const std::string& path, Block block) {
  machine_.states[index_of(path)].on_entry.push_back(std::move(block));
  return *this;
}

MachineBuilder& MachineBuilder::on_exit(const std::string& path, Block block) {
  machine_.states[index_of(path)].on_exit.push_back(std::move(block));
  return *this;
}

MachineBuilder& MachineBuilder::after(const std::string& path,
                                      const std::string& when,
                                      Arrow arrow) {
  machine::TimerDecl timer;
  timer.state = index_of(path);
  timer.when = program(when);
  timer.transitions = {add(path, "", arrow)};
  machine_.timers.push_back(std::move(timer));
  machine_.states[index_of(path)].timers.push_back(
      static_cast<std::uint16_t>(machine_.timers.size() - 1));
  return *this;
}

MachineBuilder& MachineBuilder::every(const std::string& path,
                                      const std::string& when,
                                      Arrow arrow) {
  after(path, when, std::move(arrow));
  machine_.timers.back().recurring = true;
  return *this;
}

MachineBuilder& MachineBuilder::cron(const std::string& path,
                                     const std::string& schedule,
                                     const std::string& zone,
                                     Arrow arrow) {
  every(path, "", std::move(arrow));
  machine_.timers.back().cron = schedule;
  machine_.timers.back().timezone = zone;
  return *this;
}

MachineBuilder& MachineBuilder::status(const std::string& path,
                                       const std::string& word_expression) {
  machine_.states[index_of(path)].status = program(word_expression);
  return *this;
}

MachineBuilder& MachineBuilder::data(const std::string& name,
                                     const std::string& initial,
                                     types::TypeRef type) {
  machine::DataField field;
  field.name = name;
  field.type = type != nullptr ? type : types::dyn_type();
  field.default_value = program(initial);
  machine_.data_fields.push_back(std::move(field));
  return *this;
}

MachineBuilder& MachineBuilder::alias(const std::string& name, const std::string& value) {
  machine_.aliases.push_back({name, program(value), {}});
  return *this;
}

MachineBuilder& MachineBuilder::invariant(const std::string& name, const std::string& holds) {
  machine_.invariants.push_back({name, program(holds), {}});
  return *this;
}

MachineBuilder& MachineBuilder::unhandled(const std::string& event, machine::Unhandled policy) {
  machine::EventDecl decl;
  decl.name = event;
  decl.unhandled = policy;
  machine_.events.push_back(std::move(decl));
  return *this;
}

MachineBuilder& MachineBuilder::errors(machine::ErrorMode mode) {
  machine_.errors = mode;
  return *this;
}

MachineBuilder& MachineBuilder::key(const std::string& value) {
  machine_.key = program(value);
  return *this;
}

MachineBuilder& MachineBuilder::invoke(const std::string& path, const Invoke& invoke) {
  machine::InvokeDecl decl;
  decl.state = index_of(path);
  decl.id = invoke.id;
  decl.kind = machine::InvokeKind::call;
  if (invoke.compensate_all) decl.kind = machine::InvokeKind::compensate;
  if (!invoke.workflow.empty()) {
    decl.kind = machine::InvokeKind::workflow;
    decl.workflow = program(invoke.workflow);
    decl.input = program(invoke.with);
  } else if (!invoke.compensate_all) {
    decl.call.operation = operation(invoke.call, invoke.read_only);
    decl.call.input = program(invoke.with);
    if (!invoke.compensate.empty()) {
      decl.call.compensate = operation(invoke.compensate, false);
      decl.call.compensate_input = program(invoke.compensate_with);
    }
  }
  decl.for_each = program(invoke.for_each);
  decl.limit = invoke.limit;
  decl.join = invoke.join;
  decl.join_when = program(invoke.join_when);
  decl.on_done = add_all(path, invoke.on_done);
  decl.on_error = add_all(path, invoke.on_error);
  decl.on_each = add_all(path, invoke.on_each);
  machine_.invokes.push_back(std::move(decl));
  machine_.states[index_of(path)].invokes.push_back(
      static_cast<std::uint16_t>(machine_.invokes.size() - 1));
  return *this;
}

MachineBuilder& MachineBuilder::action(const std::string& path, const Action& action) {
  machine::ManualAction decl;
  decl.state = index_of(path);
  decl.name = action.name;
  decl.roles = action.roles;
  decl.when = program(action.when);
  decl.form = action.form;
  decl.approvals = action.approvals;
  decl.transitions = add_all(path, action.arrows);
  machine_.actions.push_back(std::move(decl));
  machine_.states[index_of(path)].actions.push_back(
      static_cast<std::uint16_t>(machine_.actions.size() - 1));
  return *this;
}

MachineBuilder& MachineBuilder::task(const std::string& path,
                                     const std::string& due,
                                     Arrow overdue,
                                     Duration repeat) {
  machine::TaskDecl task;
  if (repeat > Duration::zero()) task.overdue_every = repeat;
  task.state = index_of(path);
  task.queue = program("'people'");
  task.due = program(due);
  task.overdue = {add(path, "", overdue)};
  machine_.tasks.push_back(std::move(task));
  machine_.states[index_of(path)].task = static_cast<std::uint16_t>(machine_.tasks.size() - 1);
  return *this;
}

Machine MachineBuilder::build() const {
  Machine built = machine_;
  std::sort(
      built.events.begin(),
      built.events.end(),
      [](const machine::EventDecl& a, const machine::EventDecl& b) { return a.name < b.name; });
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    for (const std::string& target : targets_[i])
      built.transitions[i].targets.push_back(index_of(target));
  }
  for (const auto& [state, targets] : initials_) {
    for (const std::string& target : targets)
      built.states[state].initial.push_back(index_of(target));
  }
  for (machine::State& state : built.states) {
    if (state.kind == StateKind::compound && state.initial.empty() && !state.children.empty()) {
      state.initial = {state.children.front()};
    }
  }
  return built;
}

machine::Action set(const std::string& field, const std::string& value) {
  machine::Action action;
  action.kind = machine::ActionKind::set;
  action.set.push_back({{{field, nullptr}}, program(value), nullptr, {}});
  return action;
}

machine::Action set_at(const std::string& field,
                       const std::string& index,
                       const std::string& value) {
  machine::Action action = set(field, value);
  action.set.front().path.push_back({"", program(index)});
  return action;
}

machine::Action raise(const std::string& event) {
  machine::Action action;
  action.kind = machine::ActionKind::raise;
  action.name = event;
  return action;
}

machine::Action emit(const std::string& event, const std::string& data) {
  machine::Action action;
  action.kind = machine::ActionKind::emit;
  action.name = event;
  action.value = program(data);
  return action;
}

machine::Action log(const std::string& text) {
  machine::Action action;
  action.kind = machine::ActionKind::log;
  action.value = program("'" + text + "'");
  return action;
}

machine::Action reply(const std::string& value) {
  machine::Action action;
  action.kind = machine::ActionKind::reply;
  action.value = program(value);
  return action;
}

machine::Action send(const std::string& event, const std::string& delay, const std::string& id) {
  machine::Action action;
  action.kind = machine::ActionKind::send;
  action.name = event;
  action.delay = program(delay);
  action.id = id;
  return action;
}

machine::Action cancel_send(const std::string& id) {
  machine::Action action;
  action.kind = machine::ActionKind::cancel;
  action.name = id;
  return action;
}

}  // namespace vozex::testing

// SPDX-License-Identifier: Apache-2.0
#include "engine/machine/operations.h"

namespace vozex::machine {
namespace {

using Visit = std::function<void(const OperationRef&)>;

void look(const CallDecl& call, const Visit& visit) {
  for (const OperationRef& operation : {call.operation, call.compensate}) {
    if (operation != nullptr) visit(operation);
  }
}

void look(const Block& block, const Visit& visit) {
  for (const Action& action : block) {
    if (action.call != nullptr) look(*action.call, visit);
  }
}

}  // namespace

void for_each_operation(const Machine& machine, const Visit& visit) {
  for (const InvokeDecl& invoke : machine.invokes) look(invoke.call, visit);
  for (const Transition& transition : machine.transitions) look(transition.actions, visit);
  for (const State& state : machine.states) {
    for (const Block& block : state.on_entry) look(block, visit);
    for (const Block& block : state.on_exit) look(block, visit);
  }
}

std::set<std::string> adapters_of(const Machine& machine) {
  std::set<std::string> adapters;
  for_each_operation(machine,
                     [&](const OperationRef& operation) { adapters.insert(operation->adapter); });
  return adapters;
}

}  // namespace vozex::machine

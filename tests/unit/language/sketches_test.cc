// SPDX-License-Identifier: Apache-2.0
//
// Five real lifecycles (tests/golden/sketches) compile, and their machines say what the files say.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/language/files.h"

namespace vozex::language {
namespace {

using machine::InvokeKind;
using machine::Machine;
using machine::State;
using machine::StateIndex;
using machine::StateKind;

class Sketches : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    set_ = SourceSet{yaml_files(in_repository("tests/golden/sketches"))};
    result_ = compile(set_);
  }

  static const Machine& machine_named(const std::string& name) {
    const auto found = std::find_if(result_.machines.begin(),
                                    result_.machines.end(),
                                    [&](const auto& machine) { return machine->workflow == name; });
    EXPECT_NE(found, result_.machines.end()) << name;
    return **found;
  }
  static const State& state(const Machine& machine, const std::string& path) {
    const StateIndex index = machine.find_state(path);
    EXPECT_NE(index, machine::k_no_state) << path;
    return machine.states.at(index);
  }

  static SourceSet set_;
  static Compilation result_;
};

SourceSet Sketches::set_;
Compilation Sketches::result_;

TEST_F(Sketches, CompileWithoutErrors) {
  EXPECT_FALSE(has_errors(result_.diagnostics)) << render(result_.diagnostics, set_);
  EXPECT_EQ(result_.machines.size(), 7U);
  EXPECT_EQ(result_.operations.size(), 9U);
}

TEST_F(Sketches, StatesAreInDocumentOrderWithContiguousDescendants) {
  for (const auto& machine : result_.machines) {
    EXPECT_EQ(machine->states[0].end, machine->states.size());
    for (const State& at : machine->states) {
      EXPECT_EQ(&machine->states[at.index], &at);
      EXPECT_EQ(machine->find_state(at.path), at.index);
      for (const StateIndex child : at.children) {
        EXPECT_EQ(machine->states[child].parent, at.index);
        EXPECT_TRUE(machine->is_descendant(child, at.index));
        EXPECT_EQ(machine->states[child].depth, at.depth + 1);
      }
    }
  }
}

TEST_F(Sketches, TargetsResolveFromTheNearestLevel) {
  const Machine& order = machine_named("order");
  const State& approving = state(order, "live.approving");
  const auto& invoke = order.invokes[approving.invokes.at(0)];
  EXPECT_EQ(order.states[order.transitions[invoke.on_done.at(0)].targets.at(0)].path,
            "live.paying");
  EXPECT_EQ(order.states[order.transitions[invoke.on_done.at(1)].targets.at(0)].path, "closing");
}

TEST_F(Sketches, AnEmptyTransitionMasks) {
  const Machine& order = machine_named("order");
  const auto& transition = order.transitions[state(order, "live.fulfilled").on.at(0)];
  EXPECT_EQ(transition.event, "order.cancel");
  EXPECT_TRUE(transition.targets.empty());
  EXPECT_TRUE(transition.actions.empty());
  EXPECT_FALSE(transition.defer);
}

TEST_F(Sketches, DeferIsAFlag) {
  const Machine& payment = machine_named("payment");
  for (const auto index : state(payment, "opening").on)
    EXPECT_TRUE(payment.transitions[index].defer);
}

TEST_F(Sketches, AFanOutKnowsItsListNameAndChildren) {
  const Machine& order = machine_named("order");
  const auto& deliver = order.invokes[state(order, "live.fulfilling").invokes.at(0)];
  EXPECT_EQ(deliver.id, "deliver");
  EXPECT_EQ(deliver.kind, InvokeKind::workflow);
  EXPECT_NE(deliver.for_each, nullptr);
  EXPECT_EQ(deliver.one_of.size(), 4U);
  EXPECT_EQ(deliver.join, machine::Join::all);
  EXPECT_EQ(deliver.on_each.size(), 1U);
}

TEST_F(Sketches, ACallCarriesItsOperationPolicyAndUndo) {
  const Machine& saas = machine_named("fulfillment_multitenant_saas");
  const auto& call = saas.invokes[state(saas, "onboarding.calling").invokes.at(0)].call;
  EXPECT_EQ(call.operation->name, "onboard");
  EXPECT_EQ(call.operation->repeat, machine::Repeat::by_key);
  EXPECT_EQ(call.retry.attempts, 10);
  ASSERT_NE(call.compensate, nullptr);
  EXPECT_EQ(call.compensate->name, "cancel");
}

TEST_F(Sketches, TimersAreDurations) {
  const Machine& payment = machine_named("payment");
  const auto& timer = payment.timers[state(payment, "waiting").timers.at(0)];
  ASSERT_NE(expr::constant_of(*timer.when), nullptr);
  EXPECT_EQ(expr::constant_of(*timer.when)->to_duration(), std::chrono::minutes(30));
  EXPECT_FALSE(timer.recurring);
}

TEST_F(Sketches, RegionsMakeAParallelState) {
  const Machine& payment = machine_named("payment");
  EXPECT_EQ(state(payment, "settled").kind, StateKind::parallel);
  EXPECT_EQ(state(payment, "settled").children.size(), 2U);
  EXPECT_EQ(state(payment, "settled.refunds").kind, StateKind::compound);
  EXPECT_EQ(payment.states[state(payment, "settled.refunds").initial.at(0)].id, "idle");
}

TEST_F(Sketches, ASetOfAnActionComesTogetherWithThatOfItsThen) {
  const Machine& approval = machine_named("budget_approval");
  const auto& approve = approval.actions[state(approval, "deciding").actions.at(0)];
  ASSERT_EQ(approve.transitions.size(), 2U);
  const auto& first = approval.transitions[approve.transitions[0]];
  ASSERT_EQ(first.actions.size(), 1U);
  EXPECT_EQ(first.actions[0].set.size(), 2U);
  EXPECT_EQ(approval.transitions[approve.transitions[1]].actions.at(0).set.size(), 1U);
}

TEST_F(Sketches, TheContentHashCoversImports) {
  SourceSet changed = set_;
  for (auto& file : changed.files) {
    if (file.name == "commerce.types.yaml") file.text += "# one more line\n";
  }
  const Compilation again = compile(changed);
  ASSERT_EQ(again.machines.size(), result_.machines.size());
  for (std::size_t i = 0; i < again.machines.size(); ++i) {
    EXPECT_NE(again.machines[i]->content_hash, result_.machines[i]->content_hash);
  }
}

}  // namespace
}  // namespace vozex::language

// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/static_claims.h"

#include <algorithm>

namespace vozex::conformance {

bool StaticClaims::claims(const machine::Machine& machine,
                          const char* code,
                          const Span& span) const {
  return std::any_of(said_.begin(), said_.end(), [&](const Diagnostic& diagnostic) {
    return diagnostic.code == code && diagnostic.span == span &&
           diagnostic.file == machine.sources.front().name;
  });
}

void StaticClaims::contradict(const std::string& code, const std::string& what) {
  if (contradicted_.empty()) contradicted_ = "the compiler said " + code + ", and " + what;
}

void StaticClaims::note(const lab::Inhabitant& instance) {
  const machine::Machine& machine = *instance.machine;
  for (const machine::TransitionIndex index : instance.last.explanation.taken) {
    const Span& span = machine.transitions[index].span;
    for (const char* code : {"VZ0607", "VZ0610"}) {
      if (claims(machine, code, span))
        contradict(code, "the transition of line " + std::to_string(span.line) + " was taken");
    }
  }
  std::vector<machine::StateIndex> stuck;
  for (const machine::StateIndex active : instance.snapshot.configuration) {
    const machine::State& state = machine.states[active];
    for (const char* code : {"VZ0601", "VZ0619"}) {
      if (claims(machine, code, state.span)) contradict(code, "`" + state.path + "` was active");
    }
    if (claims(machine, "VZ0603", state.span)) stuck.push_back(active);
  }
  // Who gives up takes `cancel`: that is no way out of the lifecycle's own.
  const auto& taken = instance.last.explanation.taken;
  const bool ended = instance.snapshot.life == machine::Life::cancelled;
  const bool cancelled =
      ended || std::any_of(taken.begin(), taken.end(), [&](machine::TransitionIndex i) {
        return machine.transitions[i].event == "cancel";
      });
  for (const machine::StateIndex before : stuck_[&instance]) {
    if (!cancelled && std::find(stuck.begin(), stuck.end(), before) == stuck.end())
      contradict("VZ0603", "`" + machine.states[before].path + "` was left");
  }
  stuck_[&instance] = std::move(stuck);
}

}  // namespace vozex::conformance

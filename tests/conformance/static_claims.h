// SPDX-License-Identifier: Apache-2.0
//
// StaticClaims: holds what the compiler said about a machine as a whole against what the machine
// then did. A transition of which it said that it can never fire must not be taken, a state that
// can't be reached must not be active, one that is left at once must not be rested in, one that
// nothing leads out of must not be left.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/lab/world.h"

namespace vozex::conformance {

class StaticClaims {
 public:
  // Both must outlive this.
  explicit StaticClaims(const std::vector<Diagnostic>& said) : said_(said) {}

  // After each step of an instance.
  void note(const lab::Inhabitant& instance);
  // The first claim that turned out wrong; "" when none did.
  const std::string& contradicted() const { return contradicted_; }

 private:
  bool claims(const machine::Machine& machine, const char* code, const Span& span) const;
  void contradict(const std::string& code, const std::string& what);

  const std::vector<Diagnostic>& said_;
  std::string contradicted_;
  std::map<const lab::Inhabitant*, std::vector<machine::StateIndex>> stuck_;
};

}  // namespace vozex::conformance

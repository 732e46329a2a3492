// SPDX-License-Identifier: Apache-2.0
//
// Walk: one instance on virtual time, driven by a test: events in, states and effects out. Every
// step is made twice and must give the same outcome to the byte, and leave a legal configuration
// that survives storing.
#pragma once

#include <string>
#include <vector>

#include "engine/machine/machine.h"
#include "engine/step/step.h"

namespace vozex::testing {

class Walk {
 public:
  explicit Walk(machine::Machine machine, types::Value input = types::Value::map({}));

  std::string state() const;
  std::string text() const;                // of data, as JSON
  std::vector<std::string> logs() const;   // of the last step
  std::vector<std::string> emits() const;  // of the last step: "event {data}"
  std::string disposition() const { return to_string(out.disposition); }
  template <class Effect>
  std::vector<Effect> effects() const {
    std::vector<Effect> found;
    for (const machine::Effect& effect : out.effects) {
      if (const Effect* one = std::get_if<Effect>(&effect)) found.push_back(*one);
    }
    return found;
  }

  Walk& event(const std::string& name, types::Value data = types::Value::map({}));
  Walk& advance(Duration by);  // fires what becomes due, in order
  Walk& finish(const CallId& call, types::Value result = types::Value::map({}));
  Walk& fail(const CallId& call, const std::string& code);
  Walk& child_done(const machine::StartChild& child, types::Value result, bool final = false);
  Walk& child_failed(const machine::StartChild& child, const std::string& code);
  Walk& act(const std::string& action,
            const std::string& actor = "ann",
            std::vector<std::string> roles = {},
            types::Value form = types::Value());
  Walk& cause(machine::Cause cause, const std::string& name = "ops");
  Walk& take(const machine::Event& event);

  machine::Machine machine;
  machine::Snapshot snapshot;
  StepOutcome out;
  Timestamp now;
  std::vector<machine::StartCall> calls;      // all, in order
  std::vector<machine::StartChild> children;  // all, in order

 private:
  void note();
  std::string told() const;
};

// SCXML's definition of a legal configuration, or nothing at all.
bool is_legal(const machine::Machine& machine, const machine::Snapshot& snapshot);

types::Value json(const std::string& text);

}  // namespace vozex::testing

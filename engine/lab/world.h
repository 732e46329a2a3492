// SPDX-License-Identifier: Apache-2.0
//
// World: a small pure runtime for scenarios: instances on one virtual clock, correlation, parking,
// de-duplication, children, calls answered by mocks with their declared retries (without jitter).
// Nothing is stored and nothing sleeps. It follows the runtime's rules where an author can see
// them, and runs the same step(). One thread. Tests: tests/unit/lab.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/lab/mock.h"
#include "engine/language/compile.h"
#include "engine/machine/machine.h"
#include "engine/step/migrate.h"
#include "engine/step/step.h"

namespace vozex::lab {

struct WorldSetup {
  const language::Compilation* compiled = nullptr;  // outlives the world
  std::set<std::string, std::less<>> real;  // workflows whose instances run; all others are mocked
  Mocks mocks;
  std::map<std::string, types::Value, std::less<>> config;  // by workflow
  std::uint32_t max_steps = 100'000;
};

struct Inhabitant {
  machine::MachineRef machine;
  machine::Snapshot snapshot;
  StepOutcome last;                     // of its last step
  std::string last_event;               // what that step was about
  std::string last_from;                // state text before it
  std::optional<machine::Reply> reply;  // the first
};

struct Emitted {
  std::string event;
  types::Value data;
};

class World {
 public:
  explicit World(WorldSetup setup);

  // Starts a root instance and settles. nullptr and a sentence when it was refused.
  struct Started {
    Inhabitant* instance = nullptr;
    std::string refusal;
  };
  Started start(const machine::MachineRef& machine, const types::Value& input);

  // An outside event: found by `match`, else given to `direct` when its declaration has no match.
  // One without a time happens now.
  // Then settles. The disposition is the first delivery's.
  machine::Disposition deliver(machine::Event event, Inhabitant* direct);
  // An event for this instance and nobody else: actions, ops. Its outcome is the instance's `last`.
  void tell(Inhabitant& instance, machine::Event event);

  // Virtual time goes on; what becomes due happens in order of time.
  void advance(Duration by);
  // The instance becomes one of `to`, a newer version of its workflow; else a sentence why not.
  std::string migrate(Inhabitant& instance, const machine::MachineRef& to);
  void set_config(const std::string& workflow, types::Value config);

  Timestamp now() const { return now_; }
  const types::Value& config_of(const std::string& workflow) const;
  const std::deque<std::unique_ptr<Inhabitant>>& instances() const { return instances_; }
  // Inputs of each attempt of a call, of each child, by name.
  const std::vector<types::Value>& calls(std::string_view name) const;
  const std::vector<Emitted>& emitted() const { return emitted_; }
  // Mocks that are missing, loops that never end: what makes a scenario fail whatever it expects.
  const std::vector<std::string>& problems() const { return problems_; }
  std::uint32_t steps() const { return steps_; }

  // Told of each step, for coverage.
  std::function<void(const Inhabitant&)> watcher;

 private:
  struct Message {  // to one instance, or to whoever matches when `to` is nil
    InstanceId to;
    machine::Event event;
  };
  struct OpenCall {
    machine::StartCall call;
    InstanceId instance;
    std::uint16_t attempt = 0;
    Timestamp decided;
    bool sent = false;  // an answer is on its way
  };
  struct Due {
    Timestamp at;
    std::uint64_t order = 0;
    enum class What : std::uint8_t { attempt, answer, child } what = What::answer;
    CallId call;
    Message message;
    InstanceId child;
  };

  // world.cc
  void settle();
  bool fire_next(Timestamp until);
  void run_step(Inhabitant& instance, const machine::Event& event);
  void after_step(Inhabitant& instance);
  Inhabitant* find(const InstanceId& id);
  machine::MachineRef newest(std::string_view workflow) const;
  Inhabitant* add(const machine::MachineRef& machine,
                  const StartRequest& request,
                  std::string& refusal);
  InstanceId new_id();
  void problem(std::string text);
  void schedule(Due due);

  // correlation.cc
  std::vector<Inhabitant*> matches(const machine::Event& event);
  bool is_declared(const machine::Event& event, Inhabitant* direct) const;
  bool start_by_rule(const machine::Event& event);
  std::optional<machine::Disposition> route(const machine::Event& event, Inhabitant* direct);
  void offer_parked();

  // outside.cc
  void carry_out(Inhabitant& instance, const machine::Effect& effect);
  void attempt(const CallId& id);
  void answer(OpenCall& open, const Mock& mock);
  void retry_or_fail(OpenCall& open,
                     const machine::ErrorInfo& error,
                     bool retryable,
                     Duration after);
  void end_call(const OpenCall& open, machine::CallEnded ended, Duration after);
  void cancel_call(const CallId& id);
  void start_child(Inhabitant& parent, const machine::StartChild& start);
  void cancel_child(const InstanceId& child);
  void reply(Inhabitant& instance, const machine::Reply& reply);
  const Mock* next_mock(const std::string& name, const char* what);
  void record(const std::string& name, const types::Value& input) { calls_[name].push_back(input); }

  WorldSetup setup_;
  Timestamp now_;
  std::deque<std::unique_ptr<Inhabitant>> instances_;
  std::map<InstanceId, Inhabitant*> by_id_;
  std::deque<Message> messages_;
  std::vector<Due> agenda_;
  std::map<CallId, OpenCall> open_calls_;
  std::deque<machine::Event> parked_;
  std::map<std::string, machine::Disposition> seen_;  // "source id"
  std::map<std::string, std::vector<types::Value>, std::less<>> calls_;
  std::map<std::string, std::size_t> mock_at_;
  std::vector<Emitted> emitted_;
  std::vector<std::string> problems_;
  std::uint64_t order_ = 0;
  std::uint64_t ids_ = 0;
  std::uint32_t steps_ = 0;
  bool keys_changed_ = false;
};

}  // namespace vozex::lab

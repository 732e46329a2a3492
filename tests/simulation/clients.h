// SPDX-License-Identifier: Apache-2.0
//
// The services and people outside: they send messages, and repeat what got no answer, with the same
// id, at whatever process is alive. An operator sends dead letters again. What was answered is kept
// for the oracle.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/runtime/engine.h"
#include "engine/runtime/items/item.h"
#include "tests/simulation/process.h"

namespace vozex::simulation {

struct Accepted {
  runtime::EventAnswer answer;  // the first that came
  int answers = 0;
};

struct Message {
  std::string id;
  std::string event;     // "" is a start
  std::string workflow;  // of a start
  types::Value data;
  std::string source = "client";
  // An order of people or ops, to the instance of this workflow and key.
  std::optional<machine::Cause> cause = std::nullopt;
  std::string key = "";
  std::function<void()> then = nullptr;  // once, when it has been answered
};

class Clients {
 public:
  Clients(World& world, std::vector<std::unique_ptr<Process>>& processes)
      : world_(world), processes_(processes) {}

  // `delay` from now, and again until it is answered.
  void send(Duration delay, Message message);
  // The same, perhaps several times over, as the faults have it; within `span`.
  void send_sometime(Duration span, const Message& message);
  // Sends dead letters again, for ever.
  void operate();

  const std::map<std::string, Accepted>& accepted() const { return accepted_; }
  const std::map<std::string, Error>& refused() const { return refused_; }
  bool all_answered() const { return open_ == 0; }

 private:
  struct Sending;
  void attempt(const std::shared_ptr<Sending>& sending);
  void answered(const std::shared_ptr<Sending>& sending,
                const Result<runtime::EventAnswer>& answer);
  std::optional<runtime::Item> item_of(const Message& message);
  machine::Event event_of(const Message& message);
  Process* any_process();

  World& world_;
  std::vector<std::unique_ptr<Process>>& processes_;
  std::map<std::string, Accepted> accepted_;
  std::map<std::string, Error> refused_;
  int open_ = 0;
};

}  // namespace vozex::simulation

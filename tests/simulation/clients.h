// SPDX-License-Identifier: Apache-2.0
//
// The services outside: each starts an order, sends its payment (perhaps before the start, perhaps
// several times), and repeats what got no answer, with the same id, at whatever process is alive.
// Campaigns reach many orders with one event. An operator sends dead letters again. What was
// answered is kept for the oracle.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/runtime/engine.h"
#include "tests/simulation/process.h"

namespace vozex::simulation {

struct Accepted {
  runtime::EventAnswer answer;  // the first that came
  int answers = 0;
};

class Clients {
 public:
  Clients(World& world, std::vector<std::unique_ptr<Process>>& processes)
      : world_(world), processes_(processes) {}

  void plan(int orders, int campaigns, Duration within);

  const std::map<std::string, Accepted>& accepted() const { return accepted_; }
  const std::map<std::string, Error>& refused() const { return refused_; }
  int orders() const { return orders_; }

  static std::string order_name(int index) { return "order-" + std::to_string(index); }

 private:
  struct Message {
    std::string id;
    std::string event;  // "" is a start
    std::string workflow;
    types::Value data;
  };
  void send(const std::shared_ptr<Message>& message, int attempt);
  runtime::Item item_of(const Message& message);
  void operate();
  Process* any_process();

  World& world_;
  std::vector<std::unique_ptr<Process>>& processes_;
  std::map<std::string, Accepted> accepted_;
  std::map<std::string, Error> refused_;
  int orders_ = 0;
};

}  // namespace vozex::simulation

// SPDX-License-Identifier: Apache-2.0
//
// The world that adapters talk to: a bank that remembers what was really done, per idempotency key.
// A request is carried out some time after it was sent, whether or not the process that sent it
// still lives.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/ports/adapter.h"
#include "tests/simulation/agenda.h"
#include "tests/simulation/faults.h"

namespace vozex::simulation {

class Outside {
 public:
  Outside(Agenda& agenda, Dice& dice, const Faults& faults)
      : agenda_(agenda), dice_(dice), faults_(faults) {}

  // `answer` comes some time later; the caller guards it against its own death.
  void call(const ports::CallRequest& request, std::function<void(ports::CallReply)> answer);

  struct Done {
    int charges = 0;    // really carried out
    int in_flight = 0;  // may still be
    int sent = 0;
    int refunds = 0;  // of what was charged; repeating one changes nothing
  };
  const std::map<std::string, Done>& charges() const { return charges_; }
  // Idempotency keys of what was given back, in order, each once.
  const std::vector<std::string>& undone() const { return undone_; }
  std::uint64_t calls() const { return calls_; }

  // Orders that the bank will decline.
  static bool declines(const std::string& order) { return order.ends_with("3"); }

 private:
  ports::CallReply carry_out(const ports::CallRequest& request);
  ports::CallReply charge(const ports::CallRequest& request);
  ports::CallReply refund(const ports::CallRequest& request);
  ports::CallReply find(const ports::CallRequest& request);

  Agenda& agenda_;
  Dice& dice_;
  const Faults& faults_;
  std::map<std::string, Done> charges_;  // by idempotency key
  std::vector<std::string> undone_;
  std::uint64_t calls_ = 0;
};

}  // namespace vozex::simulation

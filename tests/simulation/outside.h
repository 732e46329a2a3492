// SPDX-License-Identifier: Apache-2.0
//
// The world that adapters talk to: a bank that remembers what was really done, per idempotency key.
// A request is carried out some time after it was sent, whether or not the process that sent it
// still lives, and whether or not its adapter still waits.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/base/time.h"
#include "engine/ports/adapter.h"

namespace vozex::simulation {

struct World;

class Outside {
 public:
  explicit Outside(World& world) : world_(world) {}

  // `answer` comes some time later, once, by the request's time-out; the caller guards it against
  // its own death.
  void call(const ports::CallRequest& request, std::function<void(ports::CallReply)> answer);

  // Until then all that is asked is answered "unavailable".
  void away_until(Timestamp until) { away_until_ = until; }

  struct Done {
    int charges = 0;    // really carried out
    int in_flight = 0;  // may still be
    int sent = 0;
    bool certain = true;  // somebody has been told that nothing is done, since the last was sent
    int refunds = 0;      // of what was charged; repeating one changes nothing
  };
  const std::map<std::string, Done>& charges() const { return charges_; }
  // Idempotency keys of what was given back, in order, each once.
  const std::vector<std::string>& undone() const { return undone_; }
  std::uint64_t calls() const { return calls_; }

  // Orders that the bank will decline.
  static bool declines(const std::string& order) { return order.ends_with("3"); }

 private:
  void look_at_repetition(const ports::CallRequest& request);
  ports::CallReply carry_out(const ports::CallRequest& request);
  ports::CallReply charge(const ports::CallRequest& request);
  ports::CallReply refund(const ports::CallRequest& request);
  ports::CallReply find(const ports::CallRequest& request);
  bool is_away() const;
  bool fails() const;

  World& world_;
  Timestamp away_until_{};
  std::map<std::string, Done> charges_;  // by idempotency key
  std::vector<std::string> undone_;
  std::uint64_t calls_ = 0;
};

}  // namespace vozex::simulation

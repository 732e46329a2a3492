// SPDX-License-Identifier: Apache-2.0
//
// What the clients of the lifecycles send: orders that are started, get their event, and end after
// a durable call. The names of one script's orders are of one length, so that a request is a
// template with a name put in. Thread rule: one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/child.h"
#include "tests/bench/load_client.h"

namespace vozex::bench {

// The files of the machine, by name.
std::map<std::string, std::string> order_files();
inline constexpr int k_steps_per_lifecycle = 3;  // start, event, end of the call

struct OrderRequests {
  explicit OrderRequests(std::size_t name_length);
  RequestTemplate start;
  RequestTemplate event;
};

// Each client starts an instance, sends its event (without `events`: not), and goes on to the next,
// until the time is up. `prefix` tells its orders from those of other scripts.
class OrderScript {
 public:
  OrderScript(std::string prefix, double until, bool events = true);

  void next(std::size_t client, std::string& request);
  bool is_over() const { return now_seconds() >= until_; }
  const std::string& prefix() const { return prefix_; }
  std::uint64_t begun() const { return begun_; }

 private:
  struct Client {
    std::uint64_t count = 0;
    bool half = false;  // started, its event comes next
  };
  std::string name(std::size_t client, std::uint64_t number) const;

  std::string prefix_;
  double until_;
  bool events_;
  OrderRequests requests_;
  std::vector<Client> clients_ = {};
  std::uint64_t begun_ = 0;
};

// One client that sends an event and waits for the end of the instance: the time from sending the
// event to the answer that says so. Or, `asks_again`, asks until an answer does.
class OrderProber {
 public:
  explicit OrderProber(std::string prefix, bool asks_again = false);

  // True when the answer ended a round.
  bool take(std::string_view answer);
  bool is_between() const { return stage_ == Stage::start; }
  void next(std::string& request);
  std::vector<double>& milliseconds() { return milliseconds_; }

 private:
  enum class Stage : std::uint8_t { start, event, look };

  std::string prefix_;
  bool asks_again_;
  OrderRequests requests_;
  std::vector<double> milliseconds_ = {};
  Stage stage_ = Stage::start;
  double sent_at_ = 0;
};

}  // namespace vozex::bench

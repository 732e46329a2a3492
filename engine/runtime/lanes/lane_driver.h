// SPDX-License-Identifier: Apache-2.0
//
// LaneDriver: the thread of one lane: takes what is offered, does what LaneCore says, and nothing
// else.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/runtime/items/host.h"
#include "engine/runtime/lanes/commits_driver.h"
#include "engine/runtime/lanes/lane_core.h"

namespace vozex::runtime {

class LaneDriver {
 public:
  // `commits` are those of all lanes of the process.
  LaneDriver(Host& host,
             ports::Random& random,
             Gate& gate,
             Parking& parking,
             CommitsUnderWay& commits,
             LaneOptions options);
  ~LaneDriver();

  void start();
  // Ends the batch under way; what is queued behind it is answered `stopping`.
  void stop();
  void offer(Item item);
  void offer(std::vector<Item> items);  // in this order, and at once
  // The session was renewed.
  void forget() { forget_ = true; }
  bool is_idle() const;
  bool store_is_away() const { return away_; }
  // What an event that somebody waits for would be told now, without being looked at.
  std::optional<Error> refusal() const;

 private:
  std::optional<Error> refusal_locked() const;
  std::optional<Error> refusal_locked(const Item& item) const;
  void run();
  void wind_up();
  // False when there is nothing to do now.
  bool turn();
  bool take_inbox(std::optional<Timestamp> until);
  void load(const LoadAction& action);
  void commit(const CommitAction& action);
  ports::LaneStore* connection(Error& error);

  Host& host_;
  CommitsUnderWay& commits_;
  LaneCore core_;
  std::unique_ptr<ports::LaneStore> store_;
  std::optional<Timestamp> idle_until_;

  mutable std::mutex mutex_;  // guards inbox_ and the flags behind it
  std::condition_variable wake_;
  std::vector<Item> inbox_;
  bool busy_ = false;
  bool stopping_ = false;
  bool ended_ = false;  // nobody takes from the inbox any more
  std::optional<LaneCore::Closed> closed_;
  std::atomic<bool> forget_{false};
  std::atomic<bool> away_{false};
  std::thread thread_;
};

}  // namespace vozex::runtime

// SPDX-License-Identifier: Apache-2.0
//
// CallDriver: worker threads around CallCore, some for each adapter, made when there is work. Also
// the lanes' Gate.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "engine/ports/adapter.h"
#include "engine/runtime/calls/call_core.h"
#include "engine/runtime/items/host.h"

namespace vozex::runtime {

// The adapter of a name, or nullptr. Called by any worker.
using AdapterLookup = std::function<ports::Adapter*(std::string_view name)>;

class CallDriver final : public Gate {
 public:
  CallDriver(Host& host,
             ports::Random& random,
             const std::vector<ports::Adapter*>& adapters,
             AdapterLookup more_adapters,
             CallLimits limits);
  ~CallDriver() override;

  bool reserve(std::string_view adapter) override;
  void release(std::string_view adapter) override;

  void take(std::vector<OutgoingCall> calls);
  // Those that are not here come back: they may wait in the store.
  std::vector<CallId> withdraw(const std::vector<CallId>& calls);
  // How many waiting calls of an adapter may be claimed now; when there is none, `again` says when
  // there may be, if that is known.
  std::size_t room(const std::string& adapter, std::optional<Timestamp>& again) const;
  void reset();
  // Wakes workers: the beat was confirmed again.
  void kick();
  // No new attempts; waits for those in flight, at most `grace`. True when none is left.
  bool drain(Duration grace);
  void stop();

  CallCore::Counts counts() const;
  // Of those that were used, of the engine's own, and of those that are `called` by a workflow.
  std::vector<CallCore::AdapterState> adapters(std::set<std::string> called) const;
  std::size_t in_flight() const;

 private:
  struct Crew {  // of one adapter
    std::condition_variable wake;
    std::vector<std::thread> threads;
    std::size_t waiting = 0;
    // One has been woken and has not looked yet. It wakes the next when it finds more than it takes
    // itself, so that calls that are answered at once don't cost a wake-up each, and slow ones have
    // a worker each as soon as they can be woken one by one.
    bool coming = false;
  };
  void work(const std::string& adapter, Crew& crew);
  ports::CallReply call(const CallCore::Attempt& attempt) const;
  ports::Adapter* find(const std::string& name) const;
  // Who is to be woken once mutex_ is free, so that nobody wakes up to wait for it; may be none.
  std::condition_variable* wake_locked(const std::string& adapter);
  void offer(std::vector<Item> items);

  Host& host_;
  const CallLimits limits_;
  std::map<std::string, ports::Adapter*, std::less<>> adapters_;
  const AdapterLookup more_adapters_;
  mutable std::mutex mutex_;  // guards everything below
  std::condition_variable done_;
  CallCore core_;
  std::map<std::string, std::unique_ptr<Crew>> crews_;
  bool draining_ = false;
  bool stopping_ = false;
};

}  // namespace vozex::runtime

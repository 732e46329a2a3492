// SPDX-License-Identifier: Apache-2.0
//
// CallCore: the calls that are leased to this session, from the commit that decided them to the
// item that ends them, without I/O. Per adapter a queue, a bound on what is in flight, and a
// circuit breaker. A call whose outcome is unknown stays here, leased, until it is settled; one
// that failed and may go again later becomes a waiting row. Calls of actions (nobody awaits them)
// of one instance go one after the other. Thread rule: the driver's lock. Tests:
// tests/unit/runtime, tests/simulation.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/ports/adapter.h"
#include "engine/ports/clock.h"
#include "engine/runtime/call_policy.h"
#include "engine/runtime/gate.h"
#include "engine/runtime/publish.h"

namespace vozex::runtime {

// Consecutive failures of an adapter to answer at all, after which it is left alone for a while.
inline constexpr int k_breaker_failures = 10;
inline constexpr Duration k_breaker_pause{std::chrono::seconds{5}};
inline constexpr Duration k_breaker_max_pause{std::chrono::seconds{60}};
// A call taken from the store while its adapter is busy goes back for so long.
inline constexpr Duration k_put_back_for{std::chrono::seconds{1}};
// Calls held here at most; beyond, those with an unknown outcome wait in the store, too, marked as
// such.
inline constexpr std::size_t k_max_held_calls = 20'000;

class CallCore final : public Gate {
 public:
  CallCore(std::size_t workers_per_adapter, ports::Random& random)
      : workers_(workers_per_adapter), random_(random) {}

  bool reserve(std::string_view adapter) override;
  void release(std::string_view adapter) override;

  // A call leased to `session`, the one that is joined now; one of an earlier lease is dropped: its
  // heir has it. Gives items when it can't be kept or needs no adapter.
  std::vector<Item> take(OutgoingCall call, const SessionId& session, Timestamp now);
  // Not wanted any more: ends it when it wasn't sent. Nothing when it isn't here: `known` says
  // which.
  std::vector<Item> withdraw(const CallId& id, bool& known);

  struct Attempt {
    ports::CallRequest request;
    std::string adapter;
    std::uint64_t session = 0;  // counts sessions: replies of an earlier one are dropped
  };
  // The next attempt for an adapter, if there is one and a worker may take it.
  std::optional<Attempt> next(const std::string& adapter, Timestamp now);
  // The reply to an attempt: nothing when the call stays here.
  std::vector<Item> finished(const Attempt& attempt, const ports::CallReply& reply, Timestamp now);

  // Queues the paused calls that are due; next() does it, too.
  void wake(Timestamp now);
  // When next() may have something that it has not now; none: only after a take().
  std::optional<Timestamp> wake_at() const;
  // Adapters that have queued calls.
  std::vector<std::string> busy() const;
  // How many waiting calls may be claimed from the store.
  std::size_t room() const;
  std::size_t in_flight() const;
  bool is_idle() const { return calls_.empty(); }
  // The session died: everything that is not in flight is forgotten, replies of what is are
  // dropped.
  void reset();

  struct Counts {
    std::uint64_t sent = 0;
    std::uint64_t failed = 0;
  };
  Counts counts() const { return counts_; }

 private:
  enum class Phase : std::uint8_t { queued, paused, sending, asking };
  struct Call {
    OutgoingCall out;
    CallSpec spec;
    Phase phase = Phase::queued;
    bool ask_next = false;
    bool sent = false;  // at least one attempt left this process, or may have left another
    std::uint16_t tries = 0;
    std::uint16_t asks = 0;
    Timestamp due;
    machine::ErrorInfo last;
  };
  struct Lane {  // of one adapter
    std::deque<CallId> queue;
    std::size_t in_flight = 0;
    std::size_t reserved = 0;
    int failures = 0;
    Duration pause = k_breaker_pause;
    std::optional<Timestamp> open_until;
  };

  Lane& lane_of(std::string_view adapter);
  std::size_t capacity() const { return workers_ * 3; }
  static bool is_action(const CallSpec& spec) { return !spec.of && !spec.compensation; }
  bool is_its_turn(const CallId& id, const Call& call) const;
  void enqueue(const CallId& id, Call& call);
  void pause(const CallId& id, Call& call, Timestamp due);
  std::vector<Item> follow(const CallId& id, const CallDecision& decision, Timestamp now);
  Item end_item(const Call& call, bool ok, types::Value result, machine::ErrorInfo error) const;
  Item put_back(const Call& call, Timestamp next_at) const;
  void erase(const CallId& id);
  void note_health(Lane& lane, const ports::CallReply& reply, Timestamp now);
  CallHistory history_of(const Call& call, Timestamp now);
  ports::CallRequest request_of(const Call& call) const;

  std::size_t workers_;
  ports::Random& random_;
  std::map<CallId, Call> calls_;
  std::map<std::string, Lane, std::less<>> lanes_;
  std::set<std::pair<Timestamp, CallId>> paused_;
  std::map<InstanceId, std::set<CallId>> actions_;  // calls of actions, by instance
  std::uint64_t session_ = 0;
  Counts counts_;
};

}  // namespace vozex::runtime

// SPDX-License-Identifier: Apache-2.0
//
// CallCore: the calls that are leased to this session, from the commit that decided them to the
// item that ends them, without I/O. Per adapter a queue, a bound on what is in flight, and a
// circuit breaker (breaker.h): what has no room waits in the store, and a slow adapter takes
// nobody else's place. A call whose outcome is unknown stays here, leased, until it is settled; one
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
#include "engine/runtime/calls/breaker.h"
#include "engine/runtime/calls/call_policy.h"
#include "engine/runtime/items/gate.h"
#include "engine/runtime/items/publish.h"

namespace vozex::runtime {

// Calls under way at once, for each adapter, in this process.
struct CallLimits {
  explicit CallLimits(std::size_t each) : common(each) {}

  std::size_t common;
  std::map<std::string, std::size_t, std::less<>> of;  // those that differ

  std::size_t for_adapter(std::string_view adapter) const {
    const auto found = of.find(adapter);
    return found == of.end() ? common : found->second;
  }
};
// Calls leased to this process for each one that may be under way: the next are at hand. As many as
// the adapter, at the pace it has shown, answers in k_held_for (Little's law); what is beyond waits
// in the store, where every process can take it.
inline constexpr std::size_t k_held_per_worker = 3;
inline constexpr std::size_t k_max_held_per_worker = 64;
inline constexpr Duration k_held_for{std::chrono::milliseconds{500}};
// A call taken from the store while its adapter is busy goes back for so long.
inline constexpr Duration k_put_back_for{std::chrono::seconds{1}};
// Calls held here at most; beyond, those with an unknown outcome wait in the store, too, marked as
// such.
inline constexpr std::size_t k_max_held_calls = 20'000;

// What is known of it, or else what its row says. Takes it out.
Result<CallSpec> spec_of(OutgoingCall& call);

class CallCore final : public Gate {
 public:
  CallCore(CallLimits limits, ports::Random& random)
      : limits_(std::move(limits)), random_(random) {}

  bool reserve(std::string_view adapter) override;
  void release(std::string_view adapter) override;

  // A call leased to `session`, the one that is joined now; one of an earlier lease is dropped: its
  // heir has it. Gives items when it can't be kept or needs no adapter.
  // `spec` is what its row's request says (spec_of).
  std::vector<Item> take(OutgoingCall call,
                         Result<CallSpec> spec,
                         const SessionId& session,
                         Timestamp now);
  std::vector<Item> take(OutgoingCall call, const SessionId& session, Timestamp now);
  // Not wanted any more: ends it when it wasn't sent. Nothing when it isn't here: `known` says
  // which.
  std::vector<Item> withdraw(const CallId& id, bool& known);

  struct Attempt {
    ports::CallRequest request;
    std::string adapter;
    std::uint64_t session = 0;  // counts sessions: replies of an earlier one are dropped
    Timestamp sent_at;
  };
  // The next attempt for an adapter, if there is one and a worker may take it.
  std::optional<Attempt> next(const std::string& adapter, Timestamp now);
  // The reply to an attempt: nothing when the call stays here.
  std::vector<Item> finished(const Attempt& attempt, const ports::CallReply& reply, Timestamp now);

  // Queues the paused calls that are due. Gives the ends of those whose deadline has passed before
  // they could be sent.
  std::vector<Item> wake(Timestamp now);
  // When next() may have something that it has not now; none: only after a take().
  std::optional<Timestamp> wake_at() const;
  // Some call here may not wait for as long as it takes.
  bool has_deadlines() const { return !deadlines_.empty(); }
  // One more worker would find something to do, as far as can be said without looking.
  bool wants_more(std::string_view adapter) const;
  // Adapters that have queued calls.
  std::vector<std::string> busy() const;
  // How many waiting calls of an adapter may be claimed from the store: none while its breaker is
  // open, one for the trial.
  std::size_t room(std::string_view adapter, Timestamp now) const;
  // When there may be room again, if that is known.
  std::optional<Timestamp> room_at(std::string_view adapter) const;
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

  struct AdapterState {
    std::string adapter;
    BreakerState breaker = BreakerState::closed;
    std::size_t limit = 0;
    std::size_t in_flight = 0;
    std::size_t queued = 0;
  };
  // Of the adapters that were used so far, by name.
  std::vector<AdapterState> adapters(Timestamp now) const;

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
    std::size_t limit = 0;
    Breaker breaker;

    // How long an answer takes: an average in which the last counts an eighth.
    std::optional<Duration> pace;

    void note(Duration took);
    std::size_t capacity() const;
    std::size_t used() const { return queue.size() + in_flight + reserved; }
  };

  Lane& lane_of(std::string_view adapter);
  static bool is_action(const CallSpec& spec) { return !spec.of && !spec.compensation; }
  bool is_its_turn(const CallId& id, const Call& call) const;
  void enqueue(const CallId& id, Call& call);
  void pause(const CallId& id, Call& call, Timestamp due);
  std::vector<Item> follow(const CallId& id, const CallDecision& decision, Timestamp now);
  Item end_item(const Call& call, bool ok, types::Value result, machine::ErrorInfo error) const;
  Item put_back(const Call& call, Timestamp next_at) const;
  void erase(const CallId& id);
  static std::optional<Timestamp> deadline_of(const Call& call);
  CallHistory history_of(const Call& call, Timestamp now);
  ports::CallRequest request_of(const Call& call, Timestamp now) const;

  CallLimits limits_;
  ports::Random& random_;
  std::map<CallId, Call> calls_;
  std::set<std::pair<Timestamp, CallId>> deadlines_;
  std::map<std::string, Lane, std::less<>> lanes_;
  std::set<std::pair<Timestamp, CallId>> paused_;
  std::map<InstanceId, std::set<CallId>> actions_;  // calls of actions, by instance
  std::uint64_t session_ = 0;
  Counts counts_;
};

}  // namespace vozex::runtime

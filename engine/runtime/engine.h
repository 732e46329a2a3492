// SPDX-License-Identifier: Apache-2.0
//
// Engine: the runtime as the program sees it. Takes events, starts and actions from any thread,
// hands each to the lane of its instance tree, and answers after the commit. Owns the lanes'
// threads, the call dispatcher, the timer heap, the session and its heartbeat. See README.md of
// this folder for what flows where, and ports/store.h for what is durable. Tests:
// tests/unit/runtime, tests/simulation, tests/api.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/machine/effect.h"
#include "engine/machine/event.h"
#include "engine/machine/machine.h"
#include "engine/ports/adapter.h"
#include "engine/ports/clock.h"
#include "engine/ports/store.h"
#include "engine/runtime/timers/timer_lag.h"
#include "engine/step/migrate.h"
#include "engine/step/step.h"

namespace vozex::runtime {

struct EngineOptions {
  std::string name = "engine";
  std::size_t lanes = 2;
  std::size_t workers_per_adapter = 8;  // calls in flight at once to one adapter of this process
  std::map<std::string, std::size_t> adapter_limits;  // for those that differ
  std::size_t max_queued_events = 20'000;             // beyond: `overloaded`, nothing taken
  std::size_t max_queued_bytes = 256u << 20;          // of their data, roughly
  Duration lease{std::chrono::seconds{15}};           // of a session without a heartbeat
  Duration beat{std::chrono::seconds{3}};
  Duration park_for{std::chrono::hours{24 * 7}};
  std::uint64_t max_parked_events = 100'000;  // that wait for an instance, for each tenant
  types::Value config;  // {<workflow>: {name: value}} or {"*": {...}}: values of `config:`
};

// What happened to one event at one instance.
struct Delivery {
  InstanceId instance;
  std::string workflow;
  std::string key;
  machine::Disposition disposition = machine::Disposition::ignored;
  std::string from;  // state text before and after
  std::string to;
  std::uint32_t seq = 0;
  std::string note;
  // Of a rejection, and not stored: the transitions that were considered, and what their guards
  // looked at, as {path: value}.
  std::vector<machine::Considered> considered;
  types::Value seen;
};

// The answer to one event, given after its commit. `disposition` is the one delivery's, or that of
// the whole (waiting, duplicate, ended, ignored) when there are none or several.
struct EventAnswer {
  std::string id;
  machine::Disposition disposition = machine::Disposition::ignored;
  std::vector<Delivery> deliveries;
  std::uint32_t more = 0;  // that are not listed: of an event to very many
};
types::Value to_value(const EventAnswer& answer);
std::string to_json(const EventAnswer& answer);  // the same as text, at less cost

struct StartOrder {
  std::string tenant = "default";
  std::string workflow;
  types::Value input;
  // De-duplicates the start itself: the same (source, id) again gets the first answer. "" without.
  // Where `fingerprint` is given, another one under the same id is refused:
  // `idempotency_key_reused`.
  std::string source;
  std::string id;
  std::string fingerprint;
};

struct ActionOrder {
  InstanceId instance;
  std::string action;
  machine::Actor actor;
  types::Value form;
  std::string id;  // idempotency; "" without
  std::string fingerprint;
  std::optional<machine::TaskRef> task = {};  // done as the work of this task
  std::string reason = {};
};

struct OpsOrder {  // cancel, resume, move, patch; claim, release and assign a task
  InstanceId instance;
  machine::Event event;
  std::string fingerprint;
};

template <class T>
using Done = std::function<void(Result<T>)>;

// An instance as people see it, put together from its row.
struct InstanceView {
  ports::InstanceRow row;
  machine::Snapshot snapshot;  // decoded; empty configuration when its machine is not deployed here
  machine::MachineRef machine;
};

class Engine {
 public:
  // `store`, `clock`, `random`, `adapters` must outlive the engine.
  struct Ports {
    ports::Store* store = nullptr;
    const ports::Clock* clock = nullptr;
    ports::Random* random = nullptr;
    std::vector<ports::Adapter*> adapters;
    // Asked for those that `adapters` doesn't hold: what a deployment declares is not known when
    // the engine is made. Called by any thread; what it gives must outlive the engine.
    std::function<ports::Adapter*(std::string_view name)> more_adapters = {};
  };
  Engine(Ports ports, EngineOptions options);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Loads definitions, joins a session, takes over what dead ones left, starts the threads.
  Result<void> run();
  // Takes no more, finishes what is in flight (at most `grace`), leaves the session.
  void stop(Duration grace);

  // Compiled files become known, durable, and the newest version of their workflow. Errors:
  // version_changed.
  struct Deployed {
    std::string workflow;
    std::uint32_t version = 0;
    bool is_new = false;
  };
  Result<std::vector<Deployed>> deploy(const std::vector<machine::MachineRef>& machines);
  std::vector<machine::MachineRef> definitions() const;  // all versions, by name and version
  machine::MachineRef newest(const std::string& workflow) const;

  // Answers come on a lane's thread, after the commit: they must not block. Errors that are given
  // at once, on the caller's thread: overloaded, stopping, invalid_payload (details: a JSON pointer
  // each), unknown_event, event_reserved.
  void post(machine::Event event, Done<EventAnswer> done);
  // As post() for each, in this order; those of one lane reach it together, so that they share a
  // batch as far as its bounds allow.
  struct Posting {
    machine::Event event;
    Done<EventAnswer> done;
  };
  void post(std::vector<Posting> postings);
  // As post(); an event that no workflow declares is kept like an early one, until one does.
  void keep(machine::Event event, Done<EventAnswer> done);
  // What post() would do with it now. Writes nothing. Blocks.
  struct Prediction {
    EventAnswer answer;
    types::Value steps;     // list of {instance, workflow, entry}, as history would have them
    types::Value messages;  // list: what would go to other instances
  };
  Result<Prediction> explain(machine::Event event);
  void start(StartOrder order, Done<EventAnswer> done);
  void act(ActionOrder order, Done<EventAnswer> done);
  void operate(OpsOrder order, Done<EventAnswer> done);
  // A dead letter goes out once more; one that nobody waits for any more is dropped: `stale`.
  // Errors: call_not_found, call_not_dead, instance_held when its instance has not looked at the
  // failure yet. Asks the store first: blocks, but for no longer than that.
  struct RetryCall {
    CallId call;
    machine::Actor actor;
    std::string reason;
  };
  void retry_call(RetryCall order, Done<EventAnswer> done);
  // The same for a row that was just read.
  void retry_call(const ports::CallRow& row, RetryCall order, Done<EventAnswer> done);

  // Called on a lane's thread after each commit, once for each instance it changed: for whoever
  // waits for a state rather than for an event (the checkout that waits for its page, streams,
  // metrics). Must not block or throw. Register before run().
  struct Change {
    InstanceId instance;
    InstanceId root;
    std::string tenant;
    std::string workflow;
    std::string key;
    std::uint32_t seq = 0;
    std::string state;
    std::string status;
    machine::Life life = machine::Life::running;
    std::shared_ptr<const InstanceView> view = {};  // as committed; when somebody wants to see it
  };
  // `wanted` is asked at each change whether to show it; it must not block or throw either.
  void watch(std::function<void(const Change&)> watcher,
             std::function<bool(const Change&)> wanted = {});
  // How the answers of a batch and its changes are given: `surround` must call what it is passed,
  // once, on its thread, and may do something before and after. For who wants to hand on together
  // what comes together. Before run().
  void surround(std::function<void(const std::function<void()>& give)> surround);
  // Told of what each heartbeat heard, on its thread: must not block. Before run().
  void listen(std::function<void(const ports::News&)> listener);

  Result<std::optional<InstanceView>> find(const InstanceId& id) const;
  Result<std::optional<InstanceView>> find(const std::string& tenant,
                                           const std::string& workflow,
                                           const std::string& key) const;
  // What migrating an instance to another version would do, by its row; writes nothing. Errors as
  // the migration itself: version_not_found, same_version, no_migration, and what its row can't
  // tell. What the new version's file objects to is in the plan's obstacles.
  Result<MigrationPlan> plan_migration(const ports::InstanceRow& row, std::uint32_t to) const;
  // Predicts from the committed state; writes nothing.
  Waiting waiting_for(const InstanceView& view, const machine::Actor& actor) const;

  struct Stats {
    std::uint64_t events = 0;  // taken from outside
    std::uint64_t duplicates = 0;
    std::uint64_t transitions = 0;  // steps committed
    std::uint64_t batches = 0;
    std::uint64_t stale_groups = 0;
    std::uint64_t calls_sent = 0;
    std::uint64_t calls_failed = 0;
    std::uint64_t calls_dead = 0;
    std::uint64_t timers_fired = 0;
    TimerLag timer_lag;
    std::uint64_t parked = 0;
    std::uint64_t queued = 0;  // now
    std::uint64_t calls_in_flight = 0;
    bool store_ok = true;
    std::string refusal;     // why events are refused at the door now; "" while they are taken
    bool session_ok = true;  // joined, and a heartbeat was written within half of the lease
    struct Adapter {
      std::string name;
      std::string breaker;     // closed, half_open, open
      int breaker_number = 0;  // 0, 1, 2
      std::uint64_t limit = 0;
      std::uint64_t in_flight = 0;
      std::uint64_t queued = 0;
    };
    std::vector<Adapter> adapters;  // by name
  };
  Stats stats() const;

  // The time that timers go by: the database's, as this process reckons it.
  Timestamp database_time() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vozex::runtime

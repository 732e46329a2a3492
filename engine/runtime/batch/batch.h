// SPDX-License-Identifier: Apache-2.0
//
// Batch: what one lane does between two commits, without I/O. Items go in; it says what must be
// loaded (needs), takes what was loaded (accept), runs as far as it can (run), makes the commit
// (request) and turns its verdicts into what is published and what goes again (conclude). Events of
// one instance are folded in memory, messages inside a tree are handled here, what does not fit
// becomes an outbox row. Instances that one item touches are one group. Thread rule: one lane.
// Files: batch.cc (loading and order), batch_route.cc (what an item means), batch_step.cc (steps),
// batch_start.cc (new instances), batch_order.cc (messages of one sender), batch_incidents.cc (what
// goes wrong, and ops), batch_effects.cc (what steps want), batch_groups.cc (rows),
// batch_verdicts.cc (what a commit said). Tests: tests/unit/runtime.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "engine/machine/codec.h"
#include "engine/ports/clock.h"
#include "engine/ports/lane_store.h"
#include "engine/runtime/batch/correlation.h"
#include "engine/runtime/batch/key_view.h"
#include "engine/runtime/batch/needs.h"
#include "engine/runtime/batch/snapshot_cache.h"
#include "engine/runtime/definitions/definitions.h"
#include "engine/runtime/items/gate.h"
#include "engine/runtime/items/item.h"
#include "engine/runtime/items/messages.h"
#include "engine/runtime/items/publish.h"
#include "engine/step/step.h"

namespace vozex::runtime {

// No new item is begun beyond the first, no message is handled in the batch beyond the second.
inline constexpr std::size_t k_full_rows = ports::k_max_batch_rows / 2;
inline constexpr std::size_t k_overflow_rows = ports::k_max_batch_rows * 3 / 4;
inline constexpr std::size_t k_full_bytes = ports::k_max_batch_bytes / 2;
// Timers of one instance fired by one item; the rest comes at once again.
inline constexpr int k_max_timers_at_once = 100;

struct BatchContext {
  DefinitionsRef definitions;
  SnapshotCache* cache = nullptr;
  ports::Random* random = nullptr;
  Gate* gate = nullptr;
  Parking* parking = nullptr;
  const std::function<bool(const Engine::Change&)>* wanted = nullptr;
  SessionId session;
  std::size_t lane = 0;
  std::size_t lanes = 1;
  Duration park_for{std::chrono::hours{24 * 7}};
};

class Batch {
 public:
  Batch(BatchContext context, std::vector<Item> items, Timestamp now);

  Needs needs();
  void accept(const Needs& asked, const Loaded& loaded);
  // True when everything is decided; else needs() says what is missing.
  bool run();

  // The groups to commit; none when nothing has to be written. `etag` names the batch.
  ports::CommitRequest request(Etag etag);
  // `reply` may be empty when there were no groups.
  struct Ending {
    Publish publish;
    std::vector<Item> again;  // in order, to the front of the queue
    std::vector<Item> next;   // to its end
    std::vector<ports::BindingKey> claims;
  };
  Ending conclude(const ports::CommitReply& reply);
  // Not committed at all: everything goes again, as it came.
  std::vector<Item> abandon();
  // Instances that were there before and that this batch would change.
  std::vector<ports::InstanceKey> touched() const;
  // What the first item would be told, and what the history of each instance would say, when it is
  // not committed.
  struct Foreseen {
    Result<EventAnswer> answer;
    struct Step {
      InstanceId instance;
      std::string workflow;
      std::string entry;  // JSON of machine::encode_history
    };
    std::vector<Step> steps;
    std::vector<ports::OutboxRow> messages;
  };
  Foreseen foresee() const;
  // Whether anybody's answer or row hangs on this batch alone: how many items it holds.
  std::size_t size() const { return tasks_.size(); }

 private:
  // `order` counts through the batch: in a group, one instance may hand its key to another.
  struct BindingStep {
    std::size_t order = 0;
    ports::BindingOp op = ports::BindingOp::take_key;
  };
  struct Work {
    Stored stored;
    bool was_ended = false;
    bool changed = false;
    bool from_cache = false;  // not compared with the store, unless it is written
    std::optional<Timestamp> due_before;
    bool unreadable = false;
    bool inbox_unknown = false;    // what the inbox has of it can't be told from the row
    bool unknown_version = false;  // unreadable, because its machine isn't here
    Error fault;
    std::optional<ports::InstanceRow> raw;  // of an unreadable one: as it was read
    std::vector<ports::HistoryRow> history;
    std::map<ports::BindingKey, std::vector<BindingStep>> bindings;
    std::vector<ports::CallWrite> calls;
    std::map<CallId, CallSpec> specs;  // of new calls, as far as they are known
    std::vector<CallId> withdrawn;
    std::vector<std::pair<ports::OutboxRow, Item::Order>> outbox;
    std::uint16_t own_index = k_first_own_index;
    std::size_t node = 0;
  };
  enum class Stage : std::uint8_t { fresh, begun, left };
  struct Task {
    Item item;
    Stage stage = Stage::fresh;
    bool planned = false;
    SearchPlan plan;
    bool unmatched = false;   // looked for nobody's key so far: decided after all others
    bool wants_mark = false;  // it would be rejected, unless it came before
    std::vector<Delivery> deliveries;
    std::uint32_t more = 0;                     // deliveries that are not listed
    std::optional<machine::Disposition> whole;  // when there is no delivery
    std::optional<Error> error;
    bool effective = false;  // worth a mark
    bool resolved = false;   // a parked event that waits no longer, without a delivery
    std::optional<ports::ParkWrite> park;
    std::vector<ports::CallWrite> calls;
    std::vector<std::pair<ports::OutboxRow, Item::Order>> fan_out;
    std::vector<OutgoingCall> outgoing;
    bool later = false;
    std::optional<ports::MarkRow> first;  // it came before: what was answered then
    std::optional<std::size_t> to_lane;   // handed over
  };
  struct FireTimers {
    Timestamp until;
  };
  struct EndCall {
    ports::CallRow row;
    bool ok = false;
    types::Value result;
    machine::ErrorInfo error;
  };
  using What = std::variant<machine::Event, NewOrder, FireTimers, EndCall, PoisonOrder, RetryOrder>;
  struct Message {
    ports::InstanceKey to;
    std::size_t task = 0;
    bool primary = false;  // counts as a delivery of the task's event
    bool by_rule = false;  // NewOrder: made by a start rule
    What what;
    std::optional<InstanceId> from = std::nullopt;  // an instance of this batch
  };

  // batch.cc
  void want(Task& task, Needs& needs);
  void want_event(Task& task, Needs& needs);
  void want_direct(const DeliverOrder& order, Needs& needs);
  void want_keys(const std::vector<ports::BindingKey>& keys, Needs& needs);
  bool want_instance(const ports::InstanceKey& key, Needs& needs);
  bool is_doubtful(const Work& work) const { return work.from_cache && !work.changed; }
  bool doubts(const Work& work, const Message& message);
  void add_row(const ports::InstanceRow& row);
  void decode_row(Work& work, const ports::InstanceRow& row);
  Work& add_work(Stored stored);
  Work& add_cached(Stored stored);
  Work* find(const InstanceId& id);
  void send(Message message);
  bool is_settled(const ports::InstanceKey& key);
  using Version = std::pair<std::string, std::uint32_t>;
  static Version version_of(const Work& work);
  bool is_to_be_asked_for(const Work& work) const;
  void drain();
  void release_stash();
  bool is_full() const;

  // batch_route.cc
  void begin(std::size_t index);
  void begin_event(std::size_t index);
  void begin_deliver(std::size_t index);
  void begin_call_check(std::size_t index);
  bool go_behind(Task& task, const Found& found);

  // batch_order.cc
  void want_earlier(const Task& task, Needs& needs) const;
  void take_earlier(const std::vector<ports::OutboxRow>& rows);
  bool let_earlier_go(std::size_t index);
  struct Earlier;
  static bool may_meet(const Task& task, const Earlier& earlier);
  bool hand_over(Task& task, const std::vector<ports::InstanceKey>& hits);
  void fan_out(std::size_t index, const std::vector<ports::InstanceKey>& hits);
  bool start_by_rules(std::size_t index, const Found& found);
  void settle_unmatched();
  void park(Task& task);
  bool may_park(Task& task, const std::string& counted_as);
  std::vector<ports::BindingKey> waiting_keys(const Task& task) const;
  InstanceId new_root(const std::string& tenant, const std::string& lane_key);

  // batch_step.cc
  void process(Message message);
  void process_absent(const Message& message);
  void process_unreadable(Work& work, const Message& message);
  void step_event(Work& work, const Message& message, const machine::Event& event);
  StepReport step_once(Work& work, std::size_t task, const machine::Event& event, Timestamp due);
  void fire_timers(Work& work, const Message& message, Timestamp until);
  void end_call(Work& work, const Message& message, const EndCall& end);
  void add_history(Work& work,
                   const machine::Earlier& before,
                   const machine::Event& event,
                   const StepReport& report);
  void deliver(const Message& message,
               const Work& work,
               const std::string& from,
               machine::Disposition disposition,
               std::string note);

  // batch_incidents.cc
  void quarantine(Work& work);
  void mend_row(Work& work, const Message& message, const machine::Event& event);
  void poison(Work& work, const PoisonOrder& order);
  void retry(Work& work, const Message& message, const RetryOrder& order);
  bool is_being_leased(const CallId& id) const;
  void release_calls(std::size_t task,
                     const std::vector<machine::Event>& queued_before,
                     const machine::Snapshot& after);

  // batch_start.cc
  void start_new(const Message& message, const NewOrder& order);
  bool key_conflict(const Message& message,
                    const NewOrder& order,
                    const machine::Machine& machine,
                    const StepOutcome& outcome);
  bool came_before(const Message& message);
  std::optional<bool> came_before(Task& task);
  void start_failed(const Message& message, const NewOrder& order, const Error& error);

  // batch_effects.cc
  struct EffectVisitor;
  void apply(Work& work,
             std::size_t task,
             bool had_ended,
             const std::vector<machine::Effect>& effects);
  void end_bindings(Work& work);
  void bind(Work& work, const ports::BindingKey& key, ports::BindingOp op);
  void tell(Work& from, std::size_t task, const InstanceId& to, machine::Event event);
  void post_out(Work& from, Item::Order order, std::optional<std::uint16_t> index);
  void note(LogNote::Level level, const Work& work, std::string text);

  // batch_groups.cc
  std::size_t root_of(std::size_t node);
  void unite(std::size_t a, std::size_t b);
  ports::Group& group_at(std::size_t root, ports::CommitRequest& request);
  void write_work(Work& work, ports::Group& group);
  void write_bindings(ports::CommitRequest& request);
  bool has_content(const Task& task) const;
  void write_task(const Task& task, ports::Group& group) const;

  // batch_verdicts.cc
  struct Component {
    std::vector<std::size_t> tasks;
    std::vector<Work*> works;
  };
  std::map<std::size_t, Component> components();
  void conclude_committed(const Component& component, Ending& ending);
  void conclude_lost(const Component& component, Ending& ending);
  void conclude_duplicate(const Component& component, const ports::MarkRow& first, Ending& ending);
  void conclude_taken(const Component& component, const ports::BindingKey& key, Ending& ending);
  void conclude_blocked(const Component& component, Ending& ending);
  EventAnswer answer_of(const Task& task) const;
  Result<EventAnswer> result_of(const Task& task) const;
  void answer_duplicate(Task& task, const ports::MarkRow& first, Ending& ending);
  void answer(Task& task, Ending& ending) const;
  void commit_task(Task& task, Ending& ending);
  void commit_work(Work& work, Ending& ending);
  void go_again(Task& task, bool lost, Ending& ending);
  void forget(const Component& component, bool distrust);

  BatchContext context_;
  Timestamp now_;
  Etag etag_ = 0;
  std::vector<Task> tasks_;
  std::map<InstanceId, Work> works_;
  std::set<ports::InstanceKey> absent_;  // looked for, not there: the shard may be a guess
  std::set<InstanceId> doubted_;  // came from the cache, and are to be compared with the store
  std::map<InstanceId, std::optional<ports::InstanceKey>> places_;  // located; none: nowhere
  std::set<Version> versions_asked_;  // met in rows that came before the definitions were read
  KeyView keys_;
  std::deque<Message> queue_;
  std::map<InstanceId, std::vector<Message>> stash_;       // for instances that are not loaded yet
  std::map<MarkId, std::optional<ports::MarkRow>> marks_;  // looked for; none: not there
  std::vector<Message> unmarked_;                // would be refused, and wait for their marks
  std::set<InstanceId> awaiting_mark_;           // whose: what came behind them waits, too
  std::vector<std::size_t> parents_;             // union-find over tasks, then works
  std::set<std::size_t> blocked_;                // components that can't be committed now
  std::map<std::size_t, std::size_t> group_of_;  // component -> position in the request
  std::size_t binding_steps_ = 0;
  std::size_t rows_ = 0;
  std::size_t bytes_ = 0;
  std::set<InstanceId> fired_;                       // their timers were looked at
  std::vector<std::pair<std::size_t, Item>> again_;  // by position
  std::set<ports::BindingKey> claims_;               // before those that go again
  // What senders of messages in this batch posted before them and what nobody has delivered yet.
  struct Earlier {
    Item item;
    std::vector<ports::BindingKey> keys;  // by which it finds its instances
    bool goes = false;
  };
  std::vector<Earlier> earlier_;
  std::map<InstanceId, std::size_t> earlier_of_;  // senders, and how many of theirs came
  bool earlier_asked_ = false;
  std::vector<LogNote> notes_;
  Publish::Counts counts_;
};

}  // namespace vozex::runtime

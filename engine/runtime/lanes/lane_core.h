// SPDX-License-Identifier: Apache-2.0
//
// LaneCore: one lane without I/O and without clocks. Items go in by offer(); next() says what to
// do: load, commit, publish, or nothing before somebody offers or time passes; loaded() and
// committed() bring the answers. At most one batch is under way. A lane takes all that is queued,
// up to the bounds of a batch, without waiting: under load batches grow by themselves, at rest a
// batch is one item. Only between two batches, while others commit, it may pause for a moment.
// While the store is away for longer than a moment, who waits for an answer is told so, and the
// lane is closed() to new ones between two tries; what nobody waits for (timers, ends of calls)
// stays. Thread rule: one thread. Tests: tests/unit/runtime.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "engine/runtime/batch/batch.h"
#include "engine/runtime/lanes/lane_queue.h"

namespace vozex::runtime {

struct LoadAction {
  Needs needs;
};
struct CommitAction {
  const ports::CommitRequest* request = nullptr;  // valid until committed()
  bool settle = false;                            // the last try has an unknown outcome
};
struct PublishAction {
  Publish publish;
  // After it the lane may leave the processors to others for so long, if they have commits under
  // way (commits_driver.h).
  Duration pause{0};
};
struct IdleAction {
  std::optional<Timestamp> until;
};
using LaneAction = std::variant<IdleAction, LoadAction, CommitAction, PublishAction>;

struct LaneOptions {
  std::size_t lane = 0;
  std::size_t lanes = 1;
  Duration park_for{std::chrono::hours{24 * 7}};
  Duration min_backoff{std::chrono::milliseconds{50}};
  Duration max_backoff{std::chrono::seconds{5}};
  // A store that has not done for so long what a batch asks for closes the lane; a shorter absence
  // only delays answers.
  Duration patience{std::chrono::seconds{2}};
  // After a batch of several items the lane pauses for an eighth of what it took, and no longer
  // than this.
  Duration longest_pause{std::chrono::milliseconds{1}};
  SnapshotCache::Limits cache;
};

class LaneCore {
 public:
  // `definitions` and `session` give the current ones; random, gate and parking must outlive the
  // lane. Without `parking` any number of events may wait. Changes that are `wanted` are published
  // with the instance itself.
  struct Ports {
    std::function<DefinitionsRef()> definitions;
    std::function<SessionId()> session;
    std::function<bool(const Engine::Change&)> wanted = {};
    ports::Random* random = nullptr;
    Gate* gate = nullptr;
    Parking* parking = nullptr;
  };
  LaneCore(Ports ports, LaneOptions options);

  void offer(Item item);
  LaneAction next(Timestamp now);
  void loaded(const Result<Loaded>& loaded, Timestamp now);
  void committed(const Result<ports::CommitReply>& reply, Timestamp now);

  // The session died: what the cache knows may have been taken over.
  void forget();
  // Nothing queued, nothing under way.
  bool is_idle() const;
  // A batch is under way, or its consequences are not published yet.
  bool has_batch() const { return phase_ != Phase::idle || !told_.answers.empty(); }
  // The end: everything that is left, done or not. `unsure` when a batch among it may have been
  // committed.
  std::vector<Item> give_up(bool& unsure);
  std::size_t queued() const { return queue_.size(); }
  // It did not do what it was asked, and something waits to ask again. What the store does when
  // nothing is left to ask, nobody knows.
  bool store_is_away() const {
    return away_ && (not_before_ || phase_ != Phase::idle || queued() > 0);
  }
  // What a new event is told at the door, and until when: then one may try again.
  struct Closed {
    Error error;
    Timestamp until;
  };
  std::optional<Closed> closed() const;

 private:
  enum class Phase : std::uint8_t {
    idle,
    running,
    loading,
    committing,
    settling,
    publishing,
    claiming
  };

  bool gather(Timestamp now);
  LaneAction advance(Timestamp now);
  void expand_claim(const Loaded& loaded);
  void finish(const ports::CommitReply& reply);
  void refused(const Error& error, Timestamp now);
  std::vector<Item> poisoned(Item item,
                             const std::vector<ports::InstanceKey>& touched,
                             const Error& error);
  void back_off(Timestamp now);
  void store_answered();
  void store_failed(const Error& error, Timestamp now);
  void tell_waiting();

  // The store does not do what it is asked: since when (the first batch that met it began), and
  // why.
  struct Away {
    Timestamp since;
    Error error;
    bool reads = false;  // so far only reads failed
  };

  Ports ports_;
  LaneOptions options_;
  SnapshotCache cache_;
  LaneQueue queue_;
  Phase phase_ = Phase::idle;
  std::unique_ptr<Batch> batch_;
  ports::BindingKey claim_;  // being loaded
  Needs needs_;
  ports::CommitRequest request_;
  Timestamp began_;  // deciding batch_
  Publish publish_;
  Duration pause_{0};                              // after publishing it
  std::size_t limit_ = ports::k_max_batch_groups;  // lowered to find what the store refuses
  bool second_try_ = false;  // of one item alone, whose first met an error of the store's own
  std::optional<Away> away_;
  bool closed_ = false;  // away for too long
  Publish told_;         // goes out before anything else
  Duration backoff_{0};
  std::optional<Timestamp> not_before_;
};

}  // namespace vozex::runtime

// SPDX-License-Identifier: Apache-2.0
//
// Draft: the snapshot while a step changes it in place. Everybody reads the snapshot itself;
// whoever changes a part asks here for it, and the part is remembered as it was at the first time.
// So a step pays for what it changes and not for what there is, and a refused step leaves no trace.
// A part that was asked for may be changed until the end of the step. Thread rule: that of its Run.
// Tests: tests/unit/step (a refused step gives back an equal snapshot).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/machine/snapshot.h"
#include "engine/step/small_list.h"

namespace vozex::stepping {

class Draft {
 public:
  using Snapshot = machine::Snapshot;
  using StateIndex = machine::StateIndex;
  using Value = types::Value;

  explicit Draft(Snapshot& snapshot)
      : snapshot_(snapshot),
        life_(snapshot.life),
        replied_(snapshot.replied),
        seq_(snapshot.seq),
        at_(snapshot.at),
        causation_(snapshot.causation),
        turn_seq_(snapshot.turn_seq),
        own_steps_(snapshot.own_steps) {}
  ~Draft() { forget_exchanges(0); }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  // The next step of the instance, at this time.
  void advance(Timestamp at) {
    snapshot_.seq = seq_ + 1;
    snapshot_.at = at;
  }
  void set_causation(const machine::Causation& causation) { snapshot_.causation = causation; }
  void begin_turn() { snapshot_.turn_seq = snapshot_.seq; }
  void set_own_steps(const machine::OwnSteps& own) { snapshot_.own_steps = own; }
  void set_life(machine::Life life) { snapshot_.life = life; }
  void set_replied() { snapshot_.replied = true; }
  void set_status(const std::string& status);

  std::vector<StateIndex>& configuration() {
    if (first(k_configuration)) {
      configuration_.assign(snapshot_.configuration.data(), snapshot_.configuration.size());
    }
    return snapshot_.configuration;
  }
  std::vector<machine::ArmedTimer>& timers() {
    if (first(k_timers)) timers_.assign(snapshot_.timers.data(), snapshot_.timers.size());
    return snapshot_.timers;
  }
  Value& data();
  // Puts `value` in the place of a member of data that is there, without copying data; false when
  // that can't be done. `member` must outlive the step.
  bool exchange_member(const std::string& member, Value& value);

  auto& history() { return rare(&Snapshot::history, k_history); }
  auto& sends() { return rare(&Snapshot::sends, k_sends); }
  auto& invocations() { return rare(&Snapshot::invocations, k_invocations); }
  // One item of an invocation, and whether its join is decided, without remembering the others.
  template <class Change>
  void change_item(std::size_t invocation, std::size_t item, Change change) {
    machine::InvokedItem& changed = snapshot_.invocations[invocation].items[item];
    if ((kept_ & k_invocations) == 0) items_.push_back({invocation, item, changed});
    change(changed);
  }
  void set_settled(std::size_t invocation, bool settled) {
    bool& now = snapshot_.invocations[invocation].settled;
    if ((kept_ & k_invocations) == 0) settled_.push_back({invocation, now});
    now = settled;
  }
  auto& deferred() { return rare(&Snapshot::deferred, k_deferred); }
  auto& queued() { return rare(&Snapshot::queued, k_queued); }
  auto& undo() { return rare(&Snapshot::undo, k_undo); }
  void append_undo(machine::Undo undo) {
    if ((kept_ & k_undo) == 0) ++undo_appended_;
    snapshot_.undo.push_back(std::move(undo));
  }
  auto& approvals() { return rare(&Snapshot::approvals, k_approvals); }
  auto& tasks() { return rare(&Snapshot::tasks, k_tasks); }
  auto& incidents() { return rare(&Snapshot::incidents, k_incidents); }
  auto& output() { return rare(&Snapshot::output, k_output); }
  auto& error() { return rare(&Snapshot::error, k_error); }
  auto& keys() { return rare(&Snapshot::keys, k_keys); }

  // Everything at once, for one that was put aside during this step.
  void replace(Snapshot snapshot);
  // Back to what the snapshot was before the step. The draft can go on from there.
  void restore();

 private:
  // One bit per part that was asked for.
  enum Part : std::uint32_t {
    k_status = 1u << 0,
    k_configuration = 1u << 1,
    k_timers = 1u << 2,
    k_data = 1u << 3,
    k_history = 1u << 4,
    k_sends = 1u << 5,
    k_invocations = 1u << 6,
    k_deferred = 1u << 7,
    k_queued = 1u << 8,
    k_undo = 1u << 9,
    k_approvals = 1u << 10,
    k_incidents = 1u << 11,
    k_output = 1u << 12,
    k_error = 1u << 13,
    k_keys = 1u << 14,
    k_tasks = 1u << 15,
  };
  struct Exchanged {
    const std::string* member = nullptr;
    Value old;
  };
  struct ChangedItem {
    std::size_t invocation;
    std::size_t item;
    machine::InvokedItem old;
  };
  struct ChangedSettled {
    std::size_t invocation;
    bool old;
  };
  // Without a value until it is used.
  union ExchangedCell {
    ExchangedCell() {}   // NOLINT
    ~ExchangedCell() {}  // NOLINT: forget_exchanges() does it
    Exchanged exchanged;
  };
  // More members in one step are cheaper with one copy of data.
  static constexpr std::size_t k_max_exchanged = 6;

  bool first(Part part) {
    if ((kept_ & part) != 0) return false;
    kept_ |= part;
    return true;
  }
  template <class Type>
  Type& rare(Type Snapshot::* member, Part part) {
    if (first(part)) {
      if (rare_ == nullptr) rare_ = std::make_unique<Snapshot>();
      (*rare_).*member = snapshot_.*member;
    }
    return snapshot_.*member;
  }
  template <class Type>
  void restore(Type Snapshot::* member, Part part) {
    if ((kept_ & part) != 0) snapshot_.*member = std::move((*rare_).*member);
  }
  void restore_data();
  void restore_invocations();
  void restore_undo();
  // Down to `count` of them.
  void forget_exchanges(std::size_t count) {
    while (exchanged_count_ > count) std::destroy_at(&exchanged_[--exchanged_count_].exchanged);
  }

  Snapshot& snapshot_;
  const machine::Life life_;
  const bool replied_;
  const std::uint32_t seq_;
  const Timestamp at_;
  const machine::Causation causation_;
  const std::uint32_t turn_seq_;
  const machine::OwnSteps own_steps_;
  std::uint32_t kept_ = 0;
  std::size_t exchanged_count_ = 0;
  std::string status_;
  SmallList<StateIndex, 24> configuration_;
  SmallList<machine::ArmedTimer, 4> timers_;
  Value data_;  // as it was when data() was called first: behind the exchanges
  std::array<ExchangedCell, k_max_exchanged> exchanged_;  // in order
  std::unique_ptr<Snapshot> rare_;                        // holds the parts whose bits are set
  // In order, and behind what `rare_` holds: of the time before all invocations were asked for.
  std::vector<ChangedItem> items_;
  std::vector<ChangedSettled> settled_;
  std::size_t undo_appended_ = 0;  // likewise
};

}  // namespace vozex::stepping

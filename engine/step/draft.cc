// SPDX-License-Identifier: Apache-2.0
#include "engine/step/draft.h"

namespace vozex::stepping {

using machine::Snapshot;
using types::Value;

void Draft::set_status(const std::string& status) {
  if (first(k_status)) status_ = std::move(snapshot_.status);
  snapshot_.status = status;
}

// The copy makes two holders of the map, so that exchange_member() leaves it alone from here on.
Value& Draft::data() {
  if (first(k_data)) data_ = snapshot_.data;
  return snapshot_.data;
}

bool Draft::exchange_member(const std::string& member, Value& value) {
  if ((kept_ & k_data) != 0 || exchanged_count_ == k_max_exchanged) return false;
  if (!snapshot_.data.exchange(member, value)) return false;
  std::construct_at(&exchanged_[exchanged_count_++].exchanged, &member, std::move(value));
  return true;
}

void Draft::replace(Snapshot snapshot) {
  set_status(snapshot.status);
  configuration();
  timers();
  data();
  history();
  sends();
  invocations();
  deferred();
  queued();
  undo();
  approvals();
  tasks();
  incidents();
  output();
  error();
  keys();
  snapshot_ = std::move(snapshot);
}

// Whoever holds the map meanwhile keeps it as they saw it: then the exchange back makes a copy.
void Draft::restore_data() {
  if ((kept_ & k_data) != 0) snapshot_.data = std::move(data_);
  while (exchanged_count_ > 0) {
    Exchanged& last = exchanged_[exchanged_count_ - 1].exchanged;
    if (!snapshot_.data.exchange(*last.member, last.old)) {
      snapshot_.data = snapshot_.data.with(*last.member, std::move(last.old));
    }
    forget_exchanges(exchanged_count_ - 1);
  }
}

void Draft::restore_invocations() {
  restore(&Snapshot::invocations, k_invocations);
  for (auto changed = items_.rbegin(); changed != items_.rend(); ++changed) {
    snapshot_.invocations[changed->invocation].items[changed->item] = std::move(changed->old);
  }
  for (auto changed = settled_.rbegin(); changed != settled_.rend(); ++changed)
    snapshot_.invocations[changed->invocation].settled = changed->old;
  items_.clear();
  settled_.clear();
}

void Draft::restore_undo() {
  restore(&Snapshot::undo, k_undo);
  snapshot_.undo.resize(snapshot_.undo.size() - undo_appended_);
  undo_appended_ = 0;
}

void Draft::restore() {
  snapshot_.life = life_;
  snapshot_.replied = replied_;
  snapshot_.seq = seq_;
  snapshot_.at = at_;
  snapshot_.causation = causation_;
  snapshot_.turn_seq = turn_seq_;
  snapshot_.own_steps = own_steps_;
  if ((kept_ & k_status) != 0) snapshot_.status = std::move(status_);
  if ((kept_ & k_configuration) != 0) {
    snapshot_.configuration.assign(configuration_.begin(), configuration_.end());
    configuration_.clear();
  }
  if ((kept_ & k_timers) != 0) {
    snapshot_.timers.assign(timers_.begin(), timers_.end());
    timers_.clear();
  }
  restore_data();
  restore(&Snapshot::history, k_history);
  restore(&Snapshot::sends, k_sends);
  restore_invocations();
  restore(&Snapshot::deferred, k_deferred);
  restore(&Snapshot::queued, k_queued);
  restore_undo();
  restore(&Snapshot::approvals, k_approvals);
  restore(&Snapshot::tasks, k_tasks);
  restore(&Snapshot::incidents, k_incidents);
  restore(&Snapshot::output, k_output);
  restore(&Snapshot::error, k_error);
  restore(&Snapshot::keys, k_keys);
  kept_ = 0;
}

}  // namespace vozex::stepping

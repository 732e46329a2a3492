// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/bugs.h"

#include <cstring>

namespace vozex {
namespace planted {
namespace {

const char* the_bug = nullptr;

}  // namespace

bool is_on(const char* bug) { return the_bug != nullptr && std::strcmp(the_bug, bug) == 0; }

}  // namespace planted

namespace simulation {

const std::vector<Bug>& bugs() {
  static const std::vector<Bug> all = {
      // At the store.
      {"dedup_outside_transaction", "shop", "marks are written a moment after the effects", "once"},
      {"etag_not_compared", "shop", "the last writer of an instance wins", "history"},
      {"history_gap",
       "shop",
       "of several steps of one commit the first is not recorded",
       "history"},
      {"torn_commit",
       "shop",
       "calls are written a moment after the step that decided them",
       "call"},
      {"outbox_in_memory", "shop", "messages to other trees are not stored", "message"},
      {"park_race_lost", "shop", "an early event parks on a key that was just taken", "stuck"},
      {"key_not_exclusive", "shop", "a key that is held is taken once more", "key"},
      {"stale_result_applied", "family", "owner and attempt of a lease are not compared", "lease"},
      {"takeover_without_burying",
       "shop",
       "calls of a slow session are taken, and it lives on",
       "lease"},
      {"claim_without_state_check", "shop", "waiting and leased calls are claimed alike", "lease"},
      {"claim_without_session_check", "shop", "a dead session claims waiting calls", "session"},
      {"dead_session_revives", "shop", "a buried session may beat again", "session"},
      // In a process, around the cores.
      {"lease_by_elapsed_time",
       "family",
       "a process counts its own running time, not the time since boot",
       "lease"},
      {"wall_clock_trusted",
       "diary",
       "the estimate of the database's clock follows jumps of the wall clock",
       "clock"},
      {"call_before_commit", "shop", "calls are sent when they are decided", "commit"},
      {"key_per_attempt",
       "shop",
       "each attempt of a call has an idempotency key of its own",
       "key"},
      {"repeat_never_ignored",
       "shop",
       "calls that must not be repeated are repeated blindly",
       "repeat"},
      {"withdrawn_call_sent",
       "family",
       "a call that was withdrawn before it was sent goes out",
       "withdrawn"},
      {"unknown_commit_failed",
       "shop",
       "a commit whose answer was lost counts as not done",
       "stuck"},
      {"unknown_commit_done", "shop", "a commit whose answer was lost counts as done", "once"},
      {"inheritance_dropped",
       "shop",
       "the calls of a dead session are leased and forgotten",
       "stuck"},
      {"shards_never_move", "diary", "nobody takes over the timers of a dead process", "stuck"},
      {"expiry_ignored", "diary", "early events wait for ever", "waiting"},
      {"schedule_started_twice",
       "shop",
       "the mark of a scheduled start names the process",
       "schedule"},
      // In the core: VOZEX_PLANTED in engine/step and engine/runtime.
      {"timer_fired_twice", "diary", "a timer that fired stays armed", "replay"},
      {"reply_twice", "family", "the reply of a child is delivered twice", "message"},
      {"join_counted_twice", "family", "the end of a child counts twice in its join", "replay"},
      {"deferred_reversed", "diary", "deferred events come back newest first", "order"},
      {"compensation_in_order", "trip", "calls are undone oldest first", "undo"},
      {"late_success_forgotten",
       "shop",
       "a call that succeeds after its state was left is not undone",
       "money"},
      {"cache_kept_after_lost_race", "shop", "what lost a race stays in the cache", "stuck"},
      {"requeued_to_the_back", "diary", "what goes again goes behind what came later", "order"},
      {"messages_overtake",
       "diary",
       "what a sender posted earlier in another process is not let go first",
       "order"},
      {"batch_order_new_each_try",
       "office",
       "the order of a batch to an item has a new id each time",
       "batch"},
      {"batch_counts_what_was_sent", "office", "items without an answer count as done", "batch"},
      {"batch_repetition_refused",
       "office",
       "an item that was done and not recorded counts as refused",
       "batch"},
      {"batch_listing_ends_early",
       "office",
       "a page on which something did not fit counts as the last",
       "batch"},
      {"batch_pause_ignored",
       "office",
       "who runs a batch does not see that it was paused",
       "batch"},
      {"migration_restarts_timers",
       "office",
       "a migration that keeps timers starts them anew",
       "deadline"},
      {"rot_unnoticed", "attic", "what can't be read is put off and not told", "rot"},
      {"mended_goes_on", "attic", "a mended instance goes on at once", "rot"},
      {"breaker_never_closes", "shop", "an open circuit breaker stays open", "stuck"},
  };
  return all;
}

const Bug* find_bug(std::string_view name) {
  for (const Bug& bug : bugs()) {
    if (name == bug.name) return &bug;
  }
  return nullptr;
}

Planting::Planting(const std::string& bug) : name_(bug), before_(planted::the_bug) {
  planted::the_bug = name_.empty() ? nullptr : name_.c_str();
}

Planting::~Planting() { planted::the_bug = before_; }

}  // namespace simulation
}  // namespace vozex

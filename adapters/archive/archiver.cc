// SPDX-License-Identifier: Apache-2.0
#include "adapters/archive/archiver.h"

namespace vozex::archive {

Result<Turn> Archiver::run_once(Timestamp now, const std::function<bool()>& go_on) {
  Turn turn;
  auto alone = store_.alone([&]() -> Result<void> {
    if (plan_.ended) {
      if (auto moved = move_ended(now - *plan_.ended, go_on, turn); !moved) return moved;
    }
    if (plan_.marks) {
      const auto portion = [&] { return store_.forget_marks(now - *plan_.marks, k_marks_portion); };
      if (auto gone = forget(portion, go_on, turn.marks); !gone) return gone;
    }
    if (plan_.batches) {
      const auto portion = [&] {
        return store_.forget_batches(now - *plan_.batches, k_marks_portion);
      };
      if (auto gone = forget(portion, go_on, turn.batches); !gone) return gone;
    }
    auto months = store_.release_months();
    if (!months) return Failure(months.error());
    turn.months = *months;
    return {};
  });
  if (!alone) return Failure(alone.error());
  turn.taken = *alone;
  return turn;
}

// Ends when a portion is not full, or when none of it went: then all of it has just changed.
Result<void> Archiver::move_ended(Timestamp before,
                                  const std::function<bool()>& go_on,
                                  Turn& turn) {
  while (go_on()) {
    auto ended = store_.ended_before(before, k_portion);
    if (!ended) return Failure(ended.error());
    if (ended->empty()) return {};
    auto files = archive_.write(*ended);
    if (!files) return Failure(files.error());
    auto removed = store_.remove(*ended);
    if (!removed) return Failure(removed.error());
    turn.files += *files;
    turn.instances += *removed;
    if (ended->size() < k_portion || *removed == 0) return {};
  }
  return {};
}

Result<void> Archiver::forget(const Forget& portion,
                              const std::function<bool()>& go_on,
                              std::size_t& count) {
  while (go_on()) {
    auto gone = portion();
    if (!gone) return Failure(gone.error());
    count += *gone;
    if (*gone == 0) return {};
  }
  return {};
}

}  // namespace vozex::archive

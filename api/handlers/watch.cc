// SPDX-License-Identifier: Apache-2.0
#include "api/handlers/watch.h"

#include <algorithm>

namespace vozex::handlers {
namespace {

// The first pause between two looks; the next are twice as long.
constexpr std::chrono::milliseconds k_first_pause{1000};

}  // namespace

Watch::Watch(Changes& changes,
             Workers& workers,
             Changes::Topic topic,
             std::chrono::milliseconds patience,
             http::Responder respond)
    : changes_(changes),
      workers_(workers),
      topic_(std::move(topic)),
      until_(Clock::now() + patience),
      respond_(std::move(respond)),
      pause_(k_first_pause) {}

void Watch::begin() {
  if (follow()) look_soon([self = shared_from_this()] { return self->look(); });
}

// Whatever happens from now on wakes us; a follower from before does so until this one is there.
// False when it is answered.
bool Watch::follow() {
  std::chrono::milliseconds patience{};
  std::size_t round = 0;
  {
    const std::lock_guard lock(mutex_);
    if (answered_) return false;
    round = ++round_;
    patience =
        std::min(pause_, std::chrono::ceil<std::chrono::milliseconds>(until_ - Clock::now()));
    pause_ *= 2;
  }
  auto self = shared_from_this();
  auto follower = changes_.follow(
      topic_,
      patience,
      [self](const runtime::Engine::Change& change) { self->heard(change); },
      [self] { self->on_pause(); });
  const std::lock_guard lock(mutex_);
  // It may have expired, and the next be there.
  if (!answered_ && round_ == round) follower_ = std::move(follower);
  return true;
}

void Watch::on_pause() {
  const auto self = shared_from_this();
  if (changes_.is_closed() || Clock::now() >= until_) {
    if (!workers_.run([self] { self->end_with(self->last_look()); })) end_with(unseen());
    return;
  }
  if (!follow()) return;
  const bool missed = missed_.exchange(false);
  if (changes_.take_look()) {
    const bool runs = workers_.run([self] {
      self->look_now([self] { return self->look(); });
      self->changes_.give_look();
    });
    if (!runs) {
      changes_.give_look();
      missed_ = true;
    }
  } else if (missed) {
    look_soon([self] { return self->look(); });
  }
}

void Watch::look_soon(std::function<Seen()> look) {
  const bool runs =
      workers_.run([self = shared_from_this(), look = std::move(look)] { self->look_now(look); });
  if (!runs) missed_ = true;
}

void Watch::look_now(const std::function<Seen()>& look) {
  {
    const std::lock_guard lock(mutex_);
    if (answered_) return;
  }
  Seen seen = look();
  if (!seen) missed_ = true;
  if (seen && *seen) end_with(**std::move(seen));
}

void Watch::end_with(http::Response response) {
  std::shared_ptr<Changes::Follower> done;  // ends after the lock
  {
    const std::lock_guard lock(mutex_);
    if (answered_) return;
    answered_ = true;
    done = std::move(follower_);
  }
  respond_(std::move(response));
}

}  // namespace vozex::handlers

// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/calls/breaker.h"

#include <gtest/gtest.h>

namespace vozex::runtime {
namespace {

const Timestamp k_now{std::chrono::hours{24 * 20'000}};

ports::CallReply silent(std::optional<Duration> retry_after = std::nullopt) {
  ports::CallError error;
  error.code = "unavailable";
  error.retryable = true;
  error.retry_after = retry_after;
  return tl::unexpected(std::move(error));
}

ports::CallReply declined() {
  ports::CallError error;
  error.code = "declined";
  return tl::unexpected(std::move(error));
}

Breaker opened(Timestamp now) {
  Breaker breaker;
  for (int i = 0; i < k_breaker_failures; ++i) breaker.note(silent(), now);
  return breaker;
}

TEST(Breaker, OpensAfterSoManySilencesInARow) {
  Breaker breaker;
  for (int i = 1; i < k_breaker_failures; ++i) breaker.note(silent(), k_now);
  EXPECT_EQ(breaker.state(k_now), BreakerState::closed);
  breaker.note(declined(), k_now);
  for (int i = 1; i < k_breaker_failures; ++i) breaker.note(silent(), k_now);
  EXPECT_EQ(breaker.state(k_now), BreakerState::closed) << "a refusal is an answer";
  breaker.note(silent(), k_now);
  EXPECT_EQ(breaker.state(k_now), BreakerState::open);
  EXPECT_EQ(breaker.open_until(), k_now + k_breaker_pause);
}

TEST(Breaker, IsHalfOpenAfterItsPauseAndOneAnswerClosesIt) {
  Breaker breaker = opened(k_now);
  const Timestamp later = k_now + k_breaker_pause;
  EXPECT_EQ(breaker.state(later), BreakerState::half_open);
  breaker.note(types::Value(), later);
  EXPECT_EQ(breaker.state(later), BreakerState::closed);
  breaker.note(silent(), later);
  EXPECT_EQ(breaker.state(later), BreakerState::closed) << "it counts from nothing again";
}

TEST(Breaker, EachTrialThatFailsDoublesThePauseUpToItsBound) {
  Breaker breaker = opened(k_now);
  Timestamp now = k_now;
  Duration pause = k_breaker_pause;
  for (int i = 0; i < 10; ++i) {
    now += pause;
    breaker.note(silent(), now);
    pause = std::min(pause * 2, k_breaker_max_pause);
    EXPECT_EQ(breaker.open_until(), now + pause);
  }
}

TEST(Breaker, WhatWasUnderWayWhenItOpenedSaysNothingNew) {
  Breaker breaker = opened(k_now);
  for (int i = 0; i < 20; ++i) breaker.note(silent(), k_now + Duration{1});
  EXPECT_EQ(breaker.open_until(), k_now + k_breaker_pause);
}

TEST(Breaker, WaitsAsLongAsItIsAskedToWithinReason) {
  Breaker breaker;
  const Duration asked{std::chrono::seconds{20}};
  for (int i = 0; i < k_breaker_failures; ++i) breaker.note(silent(asked), k_now);
  EXPECT_EQ(breaker.open_until(), k_now + asked);
  Breaker hostile;
  for (int i = 0; i < k_breaker_failures; ++i)
    hostile.note(silent(std::chrono::hours{24 * 365}), k_now);
  EXPECT_EQ(hostile.open_until(), k_now + k_breaker_max_pause);
}

}  // namespace
}  // namespace vozex::runtime

// SPDX-License-Identifier: Apache-2.0
// Idempotency-Key: under way once at a time, from the request to its answer.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "api/handlers/idempotency.h"

namespace vozex::handlers {
namespace {

class OnceAtATime : public ::testing::Test {
 protected:
  // A request with this key; statuses_ tells what it was answered.
  void send(const std::string& key, const std::string& caller = "shop") {
    http::Request request;
    request.caller = caller;
    if (!key.empty()) request.headers.emplace_back("idempotency-key", key);
    handler_(std::move(request), [this](const http::Response& response) {
      statuses_.push_back(response.status);
      if (on_answer_) std::exchange(on_answer_, nullptr)();
    });
  }

  InFlight in_flight_;
  std::vector<http::Responder> under_way_;  // what the handler was given and has not let go of
  std::vector<unsigned> statuses_;
  std::function<void()> on_answer_;
  http::Handler handler_ =
      once_at_a_time(&in_flight_, [this](const http::Request&, http::Responder respond) {
        under_way_.push_back(std::move(respond));
      });
};

TEST_F(OnceAtATime, TheSameKeyIsRefusedWhileItIsUnderWay) {
  send("k");
  send("k");
  EXPECT_EQ(statuses_, std::vector<unsigned>{409});
  send("other");
  send("k", "another caller");
  send("");
  send("");
  EXPECT_EQ(statuses_.size(), 1u) << "of other keys, other callers and without one";
  EXPECT_EQ(under_way_.size(), 5u);
}

TEST_F(OnceAtATime, WhoHasTheAnswerMaySendAgain) {
  send("k");
  on_answer_ = [this] { send("k"); };
  const http::Responder held = under_way_[0];
  held(http::Response::text(201, ""));
  EXPECT_EQ(under_way_.size(), 2u) << "though the handler has not let go of the first responder";
  EXPECT_EQ(statuses_, std::vector<unsigned>{201});
}

TEST_F(OnceAtATime, ALetGoneCopyDoesNotEndTheNextTurn) {
  send("k");
  under_way_[0](http::Response::text(201, ""));
  send("k");
  under_way_.erase(under_way_.begin());  // the last copy of the first
  send("k");
  EXPECT_EQ(statuses_, (std::vector<unsigned>{201, 409}));
}

TEST_F(OnceAtATime, WithoutAnAnswerItEndsWithTheHandler) {
  send("k");
  under_way_.clear();
  send("k");
  EXPECT_TRUE(statuses_.empty());
  EXPECT_EQ(under_way_.size(), 1u);
}

TEST_F(OnceAtATime, AKeyOfTooManyBytesIsRefused) {
  send(std::string(256, 'k'));
  EXPECT_TRUE(statuses_.empty());
  send(std::string(257, 'k'));
  EXPECT_EQ(statuses_, std::vector<unsigned>{422});
}

}  // namespace
}  // namespace vozex::handlers

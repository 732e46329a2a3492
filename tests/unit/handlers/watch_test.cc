// SPDX-License-Identifier: Apache-2.0
// A client who waits: it is answered once, whatever becomes of its looks.
#include "api/handlers/watch.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <vector>

namespace vozex::handlers {
namespace {

// Answers with the status that its script says for each look: 0 for nothing yet, 1 for a look that
// could not be made.
class Scripted : public Watch {
 public:
  Scripted(Changes& changes,
           Workers& workers,
           std::chrono::milliseconds patience,
           std::vector<unsigned> script,
           std::promise<unsigned>& answered)
      : Watch(changes,
              workers,
              Changes::tree(InstanceId{{1}}),
              patience,
              [&answered](const http::Response& said) { answered.set_value(said.status); }),
        script_(std::move(script)) {}

 private:
  Seen look() override {
    const unsigned said = script_.at(looks_++);
    if (said == 1) return Failure(Error{ErrorClass::unavailable, "store_lost", "", {}});
    if (said == 0) return std::nullopt;
    return response(said);
  }
  http::Response last_look() override { return response(202); }
  http::Response unseen() override { return response(503); }
  void heard(const runtime::Engine::Change&) override {
    look_soon([this] { return look(); });
  }
  static http::Response response(unsigned status) {
    http::Response said;
    said.status = status;
    return said;
  }

  const std::vector<unsigned> script_;
  std::atomic<std::size_t> looks_{0};
};

class WatchTest : public ::testing::Test {
 protected:
  // Begins one whose looks find what the script says.
  void watch(std::chrono::milliseconds patience, std::vector<unsigned> script) {
    std::make_shared<Scripted>(changes_, workers_, patience, std::move(script), answered_)->begin();
  }
  unsigned status() { return answered_.get_future().get(); }

  std::promise<unsigned> answered_;
  Changes changes_;
  Workers workers_{1, 8};
};

TEST_F(WatchTest, IsAnsweredByItsFirstLookIfThatSeesIt) {
  watch(std::chrono::hours(1), {200});
  EXPECT_EQ(status(), 200u);
}

TEST_F(WatchTest, IsWokenByAChange) {
  watch(std::chrono::hours(1), {0, 200});
  runtime::Engine::Change change;
  change.root = InstanceId{{1}};
  changes_.notify(change);
  EXPECT_EQ(status(), 200u);
}

TEST_F(WatchTest, LooksForTheLastTimeWhenItsTimeIsUp) {
  watch(std::chrono::milliseconds(1), {0});
  EXPECT_EQ(status(), 202u);
}

TEST_F(WatchTest, LooksForTheLastTimeWhenTheServerEnds) {
  watch(std::chrono::hours(1), {0});
  changes_.close();
  EXPECT_EQ(status(), 202u);
}

TEST_F(WatchTest, SaysSoWhenNobodyHasTimeToLook) {
  workers_.stop();
  watch(std::chrono::milliseconds(1), {});
  EXPECT_EQ(status(), 503u);
}

TEST_F(WatchTest, ALookThatCouldNotBeMadeIsMadeAgain) {
  watch(std::chrono::hours(1), {1, 200});
  EXPECT_EQ(status(), 200u);
}

TEST_F(WatchTest, WhatAnotherProcessDidIsFoundByLookingAgain) {
  ports::News news;
  news.living = {SessionId{{1}}, SessionId{{2}}};
  changes_.heard(news);
  watch(std::chrono::hours(1), {0, 0, 200});
  EXPECT_EQ(status(), 200u);
}

}  // namespace
}  // namespace vozex::handlers

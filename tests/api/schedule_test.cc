// SPDX-License-Identifier: Apache-2.0
// A schedule in an installation of two processes: each due moment starts one instance, whichever of
// them live.
#include <gtest/gtest.h>

#include "tests/api/timed_town.h"

namespace vozex::api_test {
namespace {

// Without a key: nothing but the mark of the start keeps a second one away.
constexpr const char* k_minutely = R"(
vozex: 1
workflow: minutely
version: 1
input: {moment: string}
start:
  schedule: {cron: "* * * * *", input: {moment: "${string(now)}"}}
initial: open
states:
  open: {after: {P1Y: over}}
  over: {type: final}
)";

class Schedule : public TimedTown {
 protected:
  long number(const std::string& what) {
    return town_->database().count("SELECT " + what +
                                   " FROM instances WHERE workflow = 'minutely'");
  }
  double repeated() const {
    double sum = 0;
    for (std::size_t server = 0; server < town_->servers(); ++server)
      sum += std::max(0.0, town_->metric("vozex_event_duplicates_total", server));
    return sum;
  }
};
// One process alone has a SQLite file.
INSTANTIATE_TEST_SUITE_P(Stores, Schedule, ::testing::Values(Kind::postgres), [](const auto& kind) {
  return name_of(kind.param);
});

TEST_P(Schedule, OfTwoProcessesStartsOneInstanceForEachMoment) {
  ASSERT_NO_FATAL_FAILURE(open({.begins = "2026-01-01T12:00:20Z",
                                .files = {{"minutely.yaml", k_minutely}},
                                .lease = "1h",
                                .servers = 2}));
  constexpr int k_moments = 9;
  for (int minute = 1; minute <= k_moments; ++minute) {
    // The one, the other, both.
    if (minute == 4) town_->server(0).kill(SIGKILL);
    if (minute == 6) town_->server(1).kill(SIGKILL);
    if (minute == 6 || minute == 8) {
      const std::size_t back = minute == 6 ? 0 : 1;
      town_->server(back).wait();
      town_->start_server(back);
      ASSERT_TRUE(town_->wait_until_ready(back)) << town_->server_log();
    }
    jump_to("2026-01-01T12:0" + std::to_string(minute) + ":00Z");
    ASSERT_TRUE(eventually([&] { return number("count(*)") >= minute; })) << minute;
  }
  EXPECT_TRUE(eventually([&] { return repeated() > 0; })) << "both have tried";
  EXPECT_EQ(number("count(*)"), k_moments);
  EXPECT_EQ(number("count(DISTINCT input)"), k_moments);
}

}  // namespace
}  // namespace vozex::api_test

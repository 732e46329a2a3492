// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <gtest/gtest.h>

#include "tests/simulation/run.h"

namespace vozex::simulation {
namespace {

TEST(Trace, EqualSeedsGiveEqualTracesToTheByte) {
  for (const std::string& kind : kind_names()) {
    Settings settings;
    settings.kind = kind;
    settings.seed = 11;
    settings.trace = true;
    const Report once = run(settings);
    const Report again = run(settings);
    EXPECT_FALSE(once.trace.empty());
    EXPECT_EQ(once.trace, again.trace) << kind;
    EXPECT_EQ(counts_text(once), counts_text(again)) << kind;
    settings.seed = 12;
    EXPECT_NE(once.trace, run(settings).trace) << kind << ": a seed changes nothing";
  }
}

// Watching changes nothing.
TEST(Trace, ARunWithoutATraceIsTheSameRun) {
  Settings settings;
  settings.seed = 5;
  const Report silent = run(settings);
  settings.trace = true;
  EXPECT_EQ(counts_text(silent), counts_text(run(settings)));
  EXPECT_TRUE(silent.trace.empty());
}

TEST(Trace, TellsWhoDidWhatAndWhen) {
  Settings settings;
  settings.calm = true;
  settings.trace = true;
  const Report report = run(settings);
  for (const char* part : {"0.000000 process-1  boots\n",
                           " group committed",
                           "shop order-1 #1 start ",
                           "; call bank.charge ",
                           " sends charge of ",
                           " outside    charge of ",
                           " client     is answered: start-order-"}) {
    EXPECT_NE(report.trace.find(part), std::string::npos) << part;
  }
}

}  // namespace
}  // namespace vozex::simulation

// SPDX-License-Identifier: Apache-2.0
//
// The near misses of the static checks: events and calls that look like a mistake and aren't,
// beside the least change that makes them one. Whole files stand in tests/golden/diagnostics.
#include <gtest/gtest.h>

#include "tests/unit/language/check_files.h"

namespace vozex::language {
namespace {

TEST(Checks, EventsThatFireAgainInTheirTarget) {
  const std::string around =
      "  a:\n    on: {go: a.y}\n    states:\n      x: {after: {1h: done}}\n      y: ";
  EXPECT_EQ(said(around + "{after: {1h: done}}\n" + k_done), "VZ0614:1");
  EXPECT_EQ(said(around + "{on: {go: {}}, after: {1h: done}}\n" + k_done), "");
  // Nothing starts anew.
  EXPECT_EQ(said(around + "{on: {stop: done}}\n" + k_done), "");
  EXPECT_EQ(said("  a:\n    on: {go: y}\n    states:\n      x: {after: {1h: y}}\n  y: {after: {1h: "
                 "done}}\n" +
                 std::string(k_done)),
            "");
}

TEST(Checks, DeferredEvents) {
  const std::string end = k_done;
  EXPECT_EQ(
      said("  a: {on: {go: {defer: true}}, after: {1h: b}}\n  b: {on: {stop: {}}, after: {1h: "
           "done}}\n" +
               end,
           false),
      "VZ0618:0");
  EXPECT_EQ(said("  a: {on: {go: {defer: true}}, after: {1h: b}}\n  b: {on: {go: {}, stop: {}}, "
                 "after: {1h: done}}\n" +
                     end,
                 false),
            "");
  // What comes before doesn't count.
  EXPECT_EQ(said("  b: {on: {go: {}, stop: {}}, after: {1h: a}}\n  a: {on: {go: {defer: true}}, "
                 "after: {1h: done}}\n" +
                     end,
                 false),
            "VZ0618:1");
  EXPECT_EQ(said("  a: {on: {go: {defer: true}, stop: {}}, after: {1h: b}}\n  b: {on: {\"*\": {}}, "
                 "after: {1h: done}}\n" +
                     end,
                 false),
            "");
}

std::string calling(const std::string& invoke, const std::string& more = "") {
  return "  a:\n" + more + "    invoke: {" + invoke + "}\n" + k_done;
}

// The region beside moves to a state that takes it: the event was kept for that.
TEST(Checks, ADeferredEventMayBeTakenByARegionBeside) {
  EXPECT_EQ(said("  p:\n    on: {stop: {}}\n    after: {1d: done}\n    regions:\n"
                 "      l: {states: {x: {on: {go: {defer: true}}}}}\n"
                 "      r: {states: {y: {after: {1h: z}}, z: {on: {go: {}}}}}\n" +
                     std::string(k_done),
                 false),
            "");
}

TEST(Checks, FailuresThatNothingTakes) {
  const std::string charge = "call: bank.charge, with: {id: \"${input.id}\"}, on_done: done";
  EXPECT_EQ(said(calling(charge)), "VZ0611:1");
  EXPECT_EQ(said(calling(charge + ", on_error: done")), "");
  EXPECT_EQ(said(calling(charge, "    on: {error.*: done}\n")), "");
  EXPECT_EQ(said(calling(charge + ", on_error: {when: error.code == 'declined', target: done}")),
            "");
  EXPECT_EQ(said(calling("call: bank.state, on_done: done")), "");
}

TEST(Checks, CallsThatCanBeLeftOpen) {
  const std::string charge =
      "call: bank.charge, with: {id: \"${input.id}\"}, on_done: done, on_error: done";
  const std::string undo = ", compensate: {call: bank.refund, with: {ref: \"${result.ref}\"}}";
  const std::string leave = "    after: {1h: done}\n";
  EXPECT_EQ(said(calling(charge, leave)), "VZ0615:2");
  EXPECT_EQ(said(calling(charge + undo, leave)), "");
  EXPECT_EQ(said(calling(charge, "    on: {go: {defer: true}}\n")), "");
  EXPECT_EQ(said(calling(charge, "    on: {go: {set: {n: 2}}}\n")), "");
  EXPECT_EQ(said(calling("call: bank.state, on_done: done", leave)), "");
  // Its own outcome is no leaving; that of the call beside it is.
  EXPECT_EQ(said("  a:\n    invoke:\n      - {" + charge +
                 "}\n      - {call: bank.state, on_done: done}\n" + k_done),
            "VZ0615:2");
  EXPECT_EQ(said("  o:\n    on: {stop: done}\n    states:\n      a: {invoke: {" + charge + "}}\n" +
                 k_done),
            "VZ0615:3");
}

TEST(Checks, CallsThatMayBeDoneTwice) {
  const std::string charge =
      "call: bank.charge, with: {id: \"${input.id}\"}, on_done: paid, on_error: failed";
  const std::string paid = "  paid: {after: {1h: done}}\n";
  const std::string again = "  failed: {after: {1h: a, 2h: done}}\n";
  EXPECT_EQ(said("  a: {invoke: {" + charge + "}}\n" + paid + again + k_done), "VZ0616:0");
  EXPECT_EQ(said("  a: {invoke: {" + charge + ", idempotency_key: \"${input.id}\"}}\n" + paid +
                 again + k_done),
            "");
  EXPECT_EQ(
      said("  a: {invoke: {" + charge + "}}\n" + paid + "  failed: {after: {2h: done}}\n" + k_done),
      "");
  // After a success the state is entered again on purpose.
  EXPECT_EQ(said("  a: {invoke: {" + charge + "}}\n  paid: {after: {1h: a, 2h: done}}\n" +
                 "  failed: {after: {2h: done}}\n" + k_done),
            "");
}

// After other errors it is known that nothing was done.
TEST(Checks, OnlyAnUnknownOutcomeMayBeASecondCall) {
  const std::string charge =
      "  a:\n    invoke:\n      call: bank.charge\n      with: {id: \"${input.id}\"}\n      "
      "on_done: "
      "done\n      on_error:\n";
  const std::string rest =
      "  failed: {after: {1h: a, 2h: done}}\n  review: {after: {1h: done}}\n" + std::string(k_done);
  EXPECT_EQ(said(charge +
                 "        - {when: error.code == 'outcome_unknown', target: review}\n"
                 "        - {target: failed}\n" +
                 rest),
            "");
  EXPECT_EQ(said(charge +
                 "        - {when: error.code == 'declined', target: failed}\n"
                 "        - {target: review}\n" +
                 rest),
            "");
  EXPECT_EQ(said(charge +
                 "        - {when: error.code == 'declined', target: review}\n"
                 "        - {target: failed}\n" +
                 rest),
            "VZ0616:2");
}

TEST(Checks, RetriesOfWhatIsNeverRepeated) {
  EXPECT_EQ(said(calling("call: bank.letter, retry: {attempts: 3}, on_done: done, on_error: done")),
            "VZ0623:1");
  EXPECT_EQ(said(calling("call: bank.letter, retry: {attempts: 1}, on_done: done, on_error: done")),
            "");
  EXPECT_EQ(said(calling("call: bank.parcel, retry: {attempts: 3}, on_done: done, on_error: done")),
            "");
  EXPECT_EQ(said(calling("call: bank.letter, on_done: done, on_error: done")), "");
}

TEST(Checks, EndsThatCutWorkShort) {
  const auto regions = [](const std::string& left, const std::string& right) {
    return said("  p:\n    regions:\n      l: {states: {x: {after: {1h: " + left +
                "}}, y: {type: final}}}\n      r: {states: {z: {" + right +
                "}, w: {type: final}}}\n    on_done: done\n" + k_done);
  };
  const std::string call = "invoke: {call: bank.letter, on_done: w, on_error: w}";
  EXPECT_EQ(regions("y", call), "");
  EXPECT_EQ(regions("done", call), "VZ0617:2 VZ0601:2 VZ0615:3");
  EXPECT_EQ(regions("done", "invoke: {call: bank.state, on_done: w}"), "VZ0601:2");
  EXPECT_EQ(
      said("  a: {after: {1h: end}}\n  end: {type: final, on_entry: [{call: bank.letter}]}\n"),
      "VZ0624:1");
  EXPECT_EQ(
      said("  a: {on_exit: [{call: bank.letter}], after: {1h: done}}\n" + std::string(k_done)), "");
}

}  // namespace
}  // namespace vozex::language

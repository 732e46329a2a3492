// SPDX-License-Identifier: Apache-2.0
//
// The near misses of the static checks: states and transitions that look like a mistake and aren't,
// beside the least change that makes them one. Whole files stand in tests/golden/diagnostics.
#include <gtest/gtest.h>

#include "tests/unit/language/check_files.h"

namespace vozex::language {
namespace {

// One state with these alternatives of `always`; the last line is a timer to the end.
std::string alternatives(const std::vector<std::string>& all) {
  std::string text = "  a:\n    after: {1h: done}\n    always:\n";
  for (const std::string& one : all) text += "      - {" + one + "}\n";
  return text + k_done;
}

struct Guards {
  std::vector<std::string> when;  // each with the target done; "" for none
  std::string expected;           // line 3 is the first
};

TEST(Checks, TransitionsBehindOthers) {
  const std::vector<Guards> cases{
      {{"data.n > 3", "data.n > 5"}, "VZ0607:4"},
      {{"data.n > 5", "data.n > 3"}, ""},
      {{"data.n >= 4", "data.n > 3"}, "VZ0607:4"},
      {{"data.n > 3", "3 < data.n"}, "VZ0607:4"},
      {{"data.n > 3", "data.n > 5 || data.flag"}, ""},
      {{"data.n > 3 || data.flag", "data.n > 5"}, "VZ0607:4"},
      {{"data.n > 3 && data.flag", "data.n > 5"}, ""},
      {{"data.n > 3", "input.n > 5"}, ""},
      {{"data.n > 0", "data.n < 1", ""}, "VZ0619:0 VZ0607:5"},
      {{"data.n > 0", "data.n < 0", ""}, "VZ0619:0"},
      {{"data.n == 1", "data.n != 1", "data.flag"}, "VZ0619:0 VZ0607:5"},
      {{"input.kind == 'a'", "input.kind == 'b'", "input.kind == 'c'", ""}, "VZ0619:0 VZ0607:6"},
      {{"input.kind == 'a'", "input.kind == 'b'", ""}, "VZ0619:0"},
      {{"input.kind in ['a', 'b']", "input.kind == 'b'"}, "VZ0607:4"},
      {{"input.kind != 'a'", "input.kind == 'b'"}, "VZ0607:4"},
      {{"input.kind == 'a'", "input.kind in ['a', 'b']"}, ""},
      {{"data.flag", "!data.flag", ""}, "VZ0619:0 VZ0607:5"},
      {{"data.flag ? data.n > 1 : data.n > 2", "data.flag && data.n > 1"}, "VZ0607:4"},
      // Reading it may fail: then the last one fires.
      {{"input.any.x == true", "input.any.x != true", ""}, "VZ0619:0"},
      {{"input.any == 1", "input.any == 1"}, "VZ0607:4"},
      {{"input.note == optional.of('x')", "input.note != optional.of('x')", ""}, "VZ0619:0"},
      {{"size(input.id) > 3", "size(input.id) > 5"}, "VZ0607:4"},
      {{"size(input.id) > 3", "size(input.id) <= 3", ""}, "VZ0619:0"},
      {{"input.id.startsWith('x')", "input.id.startsWith('x') && data.flag"}, "VZ0607:4"},
      {{"input.id.startsWith('x')", "input.id.startsWith('y')"}, ""},
      // NaN is neither.
      {{"input.price > 1.5", "!(input.price > 1.5)", ""}, "VZ0619:0"},
      {{"input.price > 1.5", "input.price > 2.0"}, "VZ0607:4"},
      {{"true", "data.flag"}, "VZ0619:0 VZ0607:4"},
  };
  for (const Guards& test : cases) {
    std::vector<std::string> all;
    std::string shown;
    for (const std::string& when : test.when) {
      all.push_back(when.empty() ? "target: done" : "when: \"" + when + "\", target: done");
      shown += " | " + when;
    }
    EXPECT_EQ(said(alternatives(all)), test.expected) << shown;
  }
}

TEST(Checks, ConditionsThatAreNeverTrue) {
  const std::vector<std::pair<std::string, bool>> cases{
      {"data.n == 1 && data.n == 2", true},
      {"data.n > 1 && data.n < 2", true},
      {"data.n >= 1 && data.n < 2", false},
      {"input.price > 1.0 && input.price < 2.0", false},
      {"data.flag && !data.flag", true},
      {"data.flag || !data.flag", false},
      {"input.kind == 'a' && input.kind in ['b', 'c']", true},
      {"!(input.kind in ['a', 'b', 'c'])", false},  // left to the types
      {"input.id == 'x' && input.id == 'y'", true},
      {"input.id != 'x' && input.id != 'y'", false},
      {"input.any == 1 && input.any == 'x'", true},
      {"input.any == null && input.any == []", false},
      {"(data.n > 5 || data.flag) && data.n < 5 && !data.flag", true},
      {"in_state('done')", true},
      {"in_state('a')", false},
      {"!in_state('a')", true},
      {"false", true},
      {"!in_state('done')", false},
  };
  for (const auto& [when, never] : cases) {
    const std::string text =
        "  a:\n    after: {1h: done, 2h: {when: \"" + when + "\", target: done}}\n" + k_done;
    EXPECT_EQ(said(text), never ? "VZ0610:1" : "") << when;
  }
}

TEST(Checks, StatesOfOtherRegionsCanBeActiveTogether) {
  const std::string text =
      "  p:\n    regions:\n"
      "      l: {states: {x: {on: {go: y}}, y: {after: {1h: {when: \"in_state('%')\", target: "
      "x}}}}}\n"
      "      r: {states: {x: {after: {1h: y}}, y: {after: {1h: x}}}}\n"
      "    after: {1d: done}\n";
  const auto with = [&](const std::string& path) {
    std::string made = text + k_done;
    return said(made.replace(made.find('%'), 1, path));
  };
  EXPECT_EQ(with("p.r.y"), "");
  EXPECT_EQ(with("p"), "");
  EXPECT_EQ(with("p.l.x"), "VZ0610:2");
  EXPECT_EQ(with("done"), "VZ0610:2");
}

TEST(Checks, WildcardsTakeWhatStandsBehindThem) {
  EXPECT_EQ(said("  a: {on: {\"*\": done, go: done}}\n  done: {type: final}\n"), "VZ0607:0");
  EXPECT_EQ(said("  a: {on: {go: done, \"*\": done}}\n  done: {type: final}\n"), "");
  EXPECT_EQ(
      said("  a: {on: {\"*\": {when: data.flag, target: done}, go: done}}\n" + std::string(k_done)),
      "");
  EXPECT_EQ(
      said("  a: {on: {\"*\": done, cancel: done, error.execution: done}}\n" + std::string(k_done)),
      "");
}

TEST(Checks, AStateAroundWhoseInsideTakesEverything) {
  const std::string outer = "  a:\n    on: {go: done}\n    states:\n";
  const std::string taken = "      x: {on: {go: y}}\n      y: {on: {go: {}}, after: {1h: done}}\n";
  EXPECT_EQ(said(outer + taken + k_done), "VZ0607:1");
  EXPECT_EQ(said(outer + "      x: {on: {go: {when: data.flag, target: y}}}\n" +
                 "      y: {on: {go: {}}}\n" + k_done),
            "");
  EXPECT_EQ(said(outer + "      x: {on: {go: y}}\n      y: {after: {1h: done}}\n" + k_done), "");
}

TEST(Checks, ReachabilityGoesThroughWhatCanHappen) {
  EXPECT_EQ(said("  a: {after: {1h: done}}\n  b: {after: {1h: c}}\n  c: {after: {1h: b}}\n" +
                 std::string(k_done)),
            "VZ0601:1 VZ0601:2");
  // A target inside a region doesn't enter what the region begins with.
  EXPECT_EQ(said("  a: {after: {1h: p.l.y}}\n  p:\n    regions:\n"
                 "      l: {states: {x: {after: {1h: y}}, y: {after: {1h: done}}}}\n"
                 "      r: {states: {z: {after: {1h: done}}}}\n" +
                 std::string(k_done)),
            "VZ0601:3");
  EXPECT_EQ(said("  a: {after: {1h: back}}\n  p:\n    states:\n      x: {after: {1h: y}}\n"
                 "      y: {after: {1h: done}}\n      h: {type: history, default: x}\n"
                 "  back: {after: {1h: p.h}}\n" +
                 std::string(k_done)),
            "");
}

TEST(Checks, WaysOut) {
  EXPECT_EQ(said("  a: {}\n", false), "VZ0602:-3 VZ0602:-2 VZ0603:0");
  EXPECT_EQ(said("  a: {on: {cancel: done}}\n" + std::string(k_done)), "VZ0603:0");
  EXPECT_EQ(said("  a: {on: {cancel: done, stop: done}}\n" + std::string(k_done)), "");
  EXPECT_EQ(said("  a: {states: {x: {after: {1h: y}}, y: {type: final}}, on_done: done}\n" +
                 std::string(k_done)),
            "");
  EXPECT_EQ(said("  a: {states: {x: {after: {1h: y}}, y: {type: final}}}\n"), "VZ0603:0");
  // A region may rest while the others live.
  EXPECT_EQ(said("  p:\n    regions:\n      l: {states: {x: {}}}\n"
                 "      r: {states: {z: {after: {1h: done}}}}\n" +
                 std::string(k_done)),
            "");
}

TEST(Checks, LeftAtOnce) {
  const std::string end = k_done;
  EXPECT_EQ(said("  a: {after: {1h: done}, always: done}\n" + end), "VZ0619:0");
  EXPECT_EQ(said("  a: {after: {1h: done}, always: {when: data.flag, target: done}}\n" + end), "");
  EXPECT_EQ(said("  a: {on_entry: [{set: {n: 1}}], always: done}\n" + end), "");
  // The first stays in the state while it fires.
  EXPECT_EQ(said("  a:\n    after: {1h: done}\n    always: [{when: data.n < 3, set: {n: \"${data.n "
                 "+ 1}\"}}, {when: data.flag, target: done}]\n" +
                 end),
            "");
}

TEST(Checks, TargetsThatGoNowhere) {
  const std::string end = k_done;
  const std::string state = "  a:\n    actions: {end: {title: End, target: done}}\n    on: {go: ";
  EXPECT_EQ(said(state + "{target: a, set: {n: 2}}}\n" + end), "VZ0620:2");
  EXPECT_EQ(said(state + "{target: a, reenter: true, set: {n: 2}}}\n" + end), "");
  EXPECT_EQ(said(state + "{set: {n: 2}}}\n" + end), "");
}

TEST(Checks, LoopsOfAlways) {
  const std::string end = k_done;
  EXPECT_EQ(said("  a: {always: b}\n  b: {always: a}\n"), "VZ0613:0");
  EXPECT_EQ(said("  a: {always: {set: {n: 1}}, after: {1h: done}}\n" + end), "VZ0613:0");
  const auto pair = [&](const std::string& a, const std::string& b, const std::string& set = "") {
    return said("  a: {after: {1h: done}, always: {when: \"" + a + "\", target: b" + set +
                "}}\n  b: {after: {1h: done}, always: {when: \"" + b + "\", target: a}}\n" + end);
  };
  EXPECT_EQ(pair("input.n > 3", "input.n > 5"), "VZ0613:0");
  EXPECT_EQ(pair("input.n > 3", "input.n < 2"), "");
  EXPECT_EQ(pair("data.n > 3", "input.n > 5"), "VZ0613:0");
  EXPECT_EQ(pair("data.n > 3", "input.n > 5", ", set: {n: 0}"), "");
  EXPECT_EQ(pair("data.n > 3", "input.n > 5", ", set: {flag: true}"), "VZ0613:0");
  EXPECT_EQ(pair("data.n > input.n", "data.n < input.n"), "");  // they may exclude each other
  EXPECT_EQ(pair("data.n > input.n", "data.n > input.n"), "VZ0613:0");
  EXPECT_EQ(pair("in_state('a')", "in_state('b')"), "");
  // The circle ends where another region moves.
  EXPECT_EQ(said("  p:\n    always: {when: \"in_state('p.r.y')\", target: done}\n    regions:\n"
                 "      l: {states: {x: {always: {when: input.flag, target: y}}, y: {always: x}}}\n"
                 "      r: {states: {x: {always: y}, y: {after: {1h: x}}}}\n" +
                 end),
            "");
}

TEST(Checks, LoopsOfRaise) {
  const std::string end = "    after: {1h: done}\n" + std::string(k_done);
  EXPECT_EQ(said("  a:\n    on: {ready: {do: [{raise: ready}]}}\n" + end), "VZ0613:1");
  EXPECT_EQ(said("  a:\n    on: {ready: {when: data.flag, do: [{raise: ready}]}}\n" + end), "");
  EXPECT_EQ(said("  a:\n    on: {ready: {do: [{when: data.flag, raise: ready}]}}\n" + end), "");
  EXPECT_EQ(said("  a:\n    on_entry: [{raise: ready}]\n    on: {ready: done}\n" + end), "");
}

}  // namespace
}  // namespace vozex::language

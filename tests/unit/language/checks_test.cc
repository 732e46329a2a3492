// SPDX-License-Identifier: Apache-2.0
//
// The near misses of the static checks: files that look like a mistake and aren't, beside the least
// change that makes them one. What is said of whole files stands in tests/golden/diagnostics.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/unit/language/files.h"

namespace vozex::language {
namespace {

constexpr const char* k_adapter =
    "vozex: 1\nadapter: bank\noperations:\n"
    "  charge: {input: {id: string}, output: {ref: string, status: enum(ok|late)}, errors: "
    "[declined], repeat: by_key}\n"
    "  refund: {input: {ref: string}, repeat: by_key}\n"
    "  state: {output: {n: int}, repeat: safe, read_only: true}\n"
    "  letter: {repeat: never}\n"
    "  parcel: {repeat: never, ask: state}\n";

constexpr const char* k_head =
    "vozex: 1\nworkflow: test\nversion: 1\nkey: input.id\n"
    "input: {id: string, n: int, kind: enum(a|b|c), flag: bool, note: optional<string>, any: json, "
    "price: double}\n"
    "data: {n: {type: int, default: 0}, flag: {type: bool, default: false}}\n"
    "events:\n"
    "  go: {data: {id: string, n: int}, match: event.data.id, unhandled: ignore}\n"
    "  stop: {data: {id: string}, match: event.data.id, unhandled: ignore}\n";

// Each state may be a way to the end, so that only what a test is about is said.
constexpr const char* k_use = "on: {go: {set: {n: 1, flag: true}}, stop: {}}\n";

SourceSet set_of(const std::string& states, bool with_use) {
  return {{{"bank.yaml", k_adapter},
           {"test.yaml", k_head + std::string(with_use ? k_use : "") + "states:\n" + states}}};
}

// "VZ0607:17 VZ0610:18": the codes said, with the line counted from the first state.
std::string said(const std::string& states, bool with_use = true) {
  const SourceSet set = set_of(states, with_use);
  const std::string head = set.files[1].text.substr(0, set.files[1].text.find("states:\n"));
  const auto before = static_cast<std::uint32_t>(std::count(head.begin(), head.end(), '\n')) + 2;
  std::string text;
  for (const Diagnostic& found : compile(set).diagnostics) {
    if (!text.empty()) text += " ";
    text += found.code + ":" +
            std::to_string(static_cast<int>(found.span.line) - static_cast<int>(before));
    EXPECT_EQ(found.severity == Severity::error, !found.code.starts_with("VZ06")) << found.message;
  }
  return text;
}

constexpr const char* k_done = "  done: {type: final}\n";

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

std::string with_head(const std::string& more) {
  const SourceSet set{{{"test.yaml", "vozex: 1\nworkflow: test\nversion: 1\n" + more}}};
  std::string codes;
  for (const Diagnostic& found : compile(set).diagnostics) codes += found.code + " ";
  return codes;
}

TEST(Checks, StatusWordsThatNoStateShows) {
  const std::string head =
      "input: {n: int, word: string}\nstatus: {open: Open, late: Late}\nstates:\n  a: {";
  const std::string end = "after: {1h: b}}\n  b: {type: final}\n";
  EXPECT_EQ(with_head(head + "status: open, " + end), "VZ0621 ");
  EXPECT_EQ(with_head(head + "status: \"${input.n > 1 ? 'open' : 'late'}\", " + end), "");
  EXPECT_EQ(with_head(head + "status: \"${input.word}\", " + end), "");
}

TEST(Checks, DataThatNothingSets) {
  const std::string states = "states:\n  a: {after: {1h: {target: b%}}}\n  b: {type: final}\n";
  const auto with = [&](const std::string& data, const std::string& set) {
    std::string made = states;
    return with_head("data: {" + data + "}\n" + made.replace(made.find('%'), 1, set));
  };
  EXPECT_EQ(with("note: optional<string>", ""), "VZ0622 ");
  EXPECT_EQ(with("note: optional<string>", ", set: {note: x}"), "");
  EXPECT_EQ(with("note: {type: string, default: x}", ""), "");
}

TEST(Checks, MatchesThatFindNobody) {
  const auto with =
      [](const std::string& aliases, const std::string& match, const std::string& set) {
        return with_head(
            "key: input.id\ninput: {id: string, n: int}\ndata: {ref: optional<string>}\n"
            "aliases: {" +
            aliases + "}\nevents: {go: {data: {id: string, n: int}, match: " + match +
            ", unhandled: ignore}}\nstates:\n  a: {on: {go: {target: b" + set +
            "}}}\n  b: {type: final}\n");
      };
  const std::string set = ", set: {ref: \"${event.data.id}\"}";
  EXPECT_EQ(with("ref: data.ref", "{ref: event.data.id}", set), "");
  EXPECT_EQ(with("ref: data.ref", "{ref: event.data.id}", ""), "VZ0622 VZ0612 ");
  EXPECT_EQ(with("ref: input.id", "{ref: event.data.id}", set), "");
  EXPECT_EQ(with("ref: data.ref", "\"'x'\"", set), "VZ0612 ");
  EXPECT_EQ(with("ref: data.ref", "event.data.n", set), "");  // a number is a text, too
}

TEST(Checks, AConstantThatAllInstancesShareReachesAllOfThem) {
  const std::string rest =
      "events: {go: {data: {}, match: {everybody: \"'all'\"}, unhandled: ignore}}\nstates:\n  a: "
      "{on: "
      "{go: b}}\n  b: {type: final}\n";
  const std::string input = "input: {id: string}\n";
  EXPECT_EQ(with_head(input + "aliases: {everybody: \"'all'\"}\n" + rest), "");
  EXPECT_EQ(with_head(input + "aliases: {everybody: input.id}\n" + rest), "VZ0612 ");
}

TEST(Checks, SecretsMayBeKeptAndHandedOn) {
  const std::string adapter =
      "vozex: 1\nadapter: vault\noperations: {use: {input: {token: secret}, repeat: safe}}\n";
  const auto with = [&](const std::string& entry) {
    const SourceSet set{
        {{"vault.yaml", adapter},
         {"test.yaml",
          "vozex: 1\nworkflow: test\nversion: 1\ninput: {token: secret}\noutput: {ok: bool}\n"
          "data: {token: optional<secret>, any: {type: json, default: {}}}\nevents:\n"
          "  ready: {data: {any: json, token: optional<secret>}}\nstates:\n  a:\n    on_entry: "
          "[{set: "
          "{token: \"${input.token}\"}}]\n    invoke: {call: vault.use, with: {token: "
          "\"${input.token}\"}, on_done: {target: b, do: [" +
              entry +
              "]}, on_error: b}\n"
              "  b: {type: final, output: {ok: true}}\n"}}};
    std::string codes;
    for (const Diagnostic& found : compile(set).diagnostics) codes += found.code + " ";
    return codes;
  };
  EXPECT_EQ(with("{emit: {event: ready, data: {any: 1}}}"), "");
  EXPECT_EQ(with("{emit: {event: ready, data: {any: \"${input}\"}}}"), "VZ0530 ");
  EXPECT_EQ(with("{emit: {event: ready, data: {any: 1, token: \"${input.token}\"}}}"), "VZ0530 ");
  EXPECT_EQ(with("{emit: {event: ready, data: {any: 1}}}, {set: {any: \"${[input.token]}\"}}"),
            "VZ0530 ");
  EXPECT_EQ(with("{emit: {event: ready, data: {any: \"${data.token.hasValue()}\"}}}"), "");
  const std::string raise = "{emit: {event: ready, data: {any: 1}}}, {raise: {event: ready, data: ";
  EXPECT_EQ(with(raise + "{any: 1, token: \"${data.token}\"}}}"), "");
  EXPECT_EQ(with(raise + "{any: [\"${input.token}\"]}}}"), "VZ0530 ");
}

TEST(Checks, EveryWarningCanBeSilencedWithAReason) {
  for (const auto& file : yaml_files(in_repository("tests/golden/diagnostics"))) {
    if (!file.name.starts_with("warnings_of_")) continue;
    SourceSet set{yaml_files(in_repository("tests/golden/diagnostics/shared"))};
    set.files.push_back(file);
    std::set<std::string> codes;
    for (const Diagnostic& found : compile(set).diagnostics) codes.insert(found.code);
    EXPECT_FALSE(codes.empty()) << file.name;
    set.files.back().text += "warnings:\n";
    for (const std::string& code : codes) set.files.back().text += "  " + code + ": it is so\n";
    EXPECT_EQ(render(compile(set).diagnostics, set), "") << file.name;
  }
}

// Ten copies of a real file's size: what grows faster than the file shows here as a test that never
// ends.
TEST(Checks, StayCheapInALargeFile) {
  std::string states;
  constexpr int k_states = 1500;
  for (int i = 0; i < k_states; ++i) {
    const std::string n = std::to_string(i);
    const std::string next = "s" + std::to_string((i + 1) % k_states);
    states += "  s" + n + ":\n    on: {go: " + next +
              ", stop: {defer: true}}\n    after: {1h: [{when: data.n > " + n +
              ", target: done}, {target: " + next + "}]}\n    always: {when: data.n == " + n +
              " && input.flag, target: " + next + "}\n";
  }
  const std::string text = said(states + k_done);
  EXPECT_EQ(text.find("VZ0601"), std::string::npos);
}

}  // namespace
}  // namespace vozex::language

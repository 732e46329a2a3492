// SPDX-License-Identifier: Apache-2.0
//
// The near misses of the static checks: data, matches and secrets that look like a mistake and
// aren't, beside the least change that makes them one. Whole files stand in
// tests/golden/diagnostics.
#include <gtest/gtest.h>

#include <set>

#include "tests/unit/language/check_files.h"

namespace vozex::language {
namespace {

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

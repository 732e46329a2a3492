// SPDX-License-Identifier: Apache-2.0
#include "engine/base/diagnostic.h"

#include <string>

#include <gtest/gtest.h>

namespace vozex {
namespace {

Diagnostic at(std::uint32_t line,
              std::uint32_t column,
              std::uint32_t length,
              std::string hint = "") {
  return {Severity::error,
          "VZ0123",
          "unknown state waitng",
          "pay.yaml",
          {line, column, length},
          std::move(hint)};
}

TEST(Diagnostic, QuotesTheLineWithACaretAndAHint) {
  EXPECT_EQ(render(at(2, 11, 6, "did you mean waiting?"), "states:\n  target: waitng\n"),
            "pay.yaml:2:11: error[VZ0123]: unknown state waitng\n"
            " 2 |   target: waitng\n"
            "   |           ^~~~~~\n"
            "  hint: did you mean waiting?\n");
}

TEST(Diagnostic, WarningsSaySo) {
  Diagnostic warning = at(0, 0, 0);
  warning.severity = Severity::warning;
  EXPECT_EQ(render(warning, "a\n"), "pay.yaml: warning[VZ0123]: unknown state waitng\n");
  EXPECT_FALSE(has_errors({warning}));
  EXPECT_TRUE(has_errors({warning, at(1, 1, 1)}));
}

TEST(Diagnostic, TheMarginIsAsWideAsTheNumber) {
  EXPECT_EQ(render(at(12, 1, 1), std::string(11, '\n') + "x"),
            "pay.yaml:12:1: error[VZ0123]: unknown state waitng\n"
            " 12 | x\n"
            "    | ^\n");
}

TEST(Diagnostic, TabsKeepTheCaretInItsColumn) {
  EXPECT_EQ(render(at(1, 4, 1), "\ta\tb"),
            "pay.yaml:1:4: error[VZ0123]: unknown state waitng\n"
            " 1 | \ta\tb\n"
            "   | \t \t^\n");
}

TEST(Diagnostic, ColumnsAreCodePoints) {
  EXPECT_EQ(render(at(1, 4, 2), "é€:xy z"),
            "pay.yaml:1:4: error[VZ0123]: unknown state waitng\n"
            " 1 | é€:xy z\n"
            "   |    ^~\n");
  // The tab after a character of two bytes is found by column, not by byte.
  EXPECT_EQ(render(at(1, 3, 1), "é\tx"),
            "pay.yaml:1:3: error[VZ0123]: unknown state waitng\n"
            " 1 | é\tx\n"
            "   |  \t^\n");
}

TEST(Diagnostic, TheMarkStaysWithinTheLine) {
  EXPECT_EQ(render(at(1, 3, 99), "abcd\nnext"),
            "pay.yaml:1:3: error[VZ0123]: unknown state waitng\n"
            " 1 | abcd\n"
            "   |   ^~\n");
  // Just behind the end is where something is missing.
  EXPECT_EQ(render(at(1, 5, 0), "abcd\r\nnext"),
            "pay.yaml:1:5: error[VZ0123]: unknown state waitng\n"
            " 1 | abcd\n"
            "   |     ^\n");
}

TEST(Diagnostic, WhatCannotBeQuotedIsNot) {
  const std::string head = "pay.yaml:9:1: error[VZ0123]: unknown state waitng\n";
  EXPECT_EQ(render(at(9, 1, 1), "a\nb\n"), head);
  EXPECT_EQ(render(at(9, 1, 1), ""), head);
  EXPECT_EQ(render(at(1, 1, 1), std::string(1000, 'x')),
            "pay.yaml:1:1: error[VZ0123]: unknown state waitng\n");
  // A column that no line of this length has must not flood a terminal.
  EXPECT_LT(render(at(1, 4'000'000'000, 1), "abc").size(), 200u);
}

TEST(Diagnostic, SortedByPlaceWithoutRepetitions) {
  Diagnostic other_file = at(1, 1, 1);
  other_file.file = "a.yaml";
  Diagnostic other_code = at(2, 1, 1);
  other_code.code = "VZ0001";
  std::vector<Diagnostic> all = {
      at(2, 1, 1), at(1, 9, 1), at(2, 1, 1), other_code, at(1, 2, 1), other_file};
  sort_diagnostics(all);
  std::string order;
  for (const Diagnostic& d : all) {
    order += d.file + ":" + std::to_string(d.span.line) + ":" + std::to_string(d.span.column) +
             " " + d.code + "\n";
  }
  EXPECT_EQ(order,
            "a.yaml:1:1 VZ0123\n"
            "pay.yaml:1:2 VZ0123\n"
            "pay.yaml:1:9 VZ0123\n"
            "pay.yaml:2:1 VZ0001\n"
            "pay.yaml:2:1 VZ0123\n");
}

TEST(Diagnostic, AnErrorIsNotDroppedForAWarningThatReadsTheSame) {
  Diagnostic warning = at(1, 1, 1);
  warning.severity = Severity::warning;
  std::vector<Diagnostic> all = {warning, at(1, 1, 1)};
  sort_diagnostics(all);
  EXPECT_TRUE(has_errors(all));
}

}  // namespace
}  // namespace vozex

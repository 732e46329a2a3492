// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/language/check_files.h"

#include <gtest/gtest.h>

#include <algorithm>

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

}  // namespace

std::string said(const std::string& states, bool with_use) {
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

}  // namespace vozex::language

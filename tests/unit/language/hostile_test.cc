// SPDX-License-Identifier: Apache-2.0
//
// Whatever the text: the compiler ends, doesn't crash, and says something when it gives no machine.
// Faults are made from the sketches by a fixed sequence, so a failure repeats.
#include <gtest/gtest.h>

#include <cstdint>

#include "engine/language/yaml_reader.h"
#include "tests/unit/language/files.h"

namespace vozex::language {
namespace {

// A small generator with a fixed start (Knuth's constants), so that every run sees the same texts.
class Sequence {
 public:
  explicit Sequence(std::uint64_t seed) : state_(seed) {}
  std::size_t below(std::size_t bound) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::size_t>(state_ >> 33U) % bound;
  }

 private:
  std::uint64_t state_;
};

void expect_an_answer(const std::vector<machine::SourceFile>& others, const std::string& text) {
  SourceSet set{others};
  set.files.push_back({"hostile.yaml", text});
  const Compilation result = compile(set);
  // A file of types or of an adapter gives no machine even when nothing is wrong with it.
  const FileKind kind = kind_of(text);
  const bool silent =
      kind == FileKind::types_of || kind == FileKind::adapter || kind == FileKind::test;
  EXPECT_TRUE(silent || !result.diagnostics.empty() || !result.machines.empty()) << text;
  render(result.diagnostics, set);
}

std::vector<machine::SourceFile> sketches() {
  return yaml_files(in_repository("tests/golden/sketches"));
}

TEST(HostileText, FilesCutAnywhere) {
  for (const machine::SourceFile& file : sketches()) {
    Sequence random(file.text.size());
    constexpr int k_cuts = 25;
    for (int i = 0; i < k_cuts; ++i) {
      expect_an_answer({}, file.text.substr(0, random.below(file.text.size())));
    }
  }
}

std::string mutated(std::string text, Sequence& random) {
  static const std::string alphabet = "{}[]():,'\"#&*!|>%@`?-.$ \n\ta0\xC3\xA4\\";
  constexpr std::size_t k_edits = 4;
  for (std::size_t i = 0; i < 1 + random.below(k_edits); ++i) {
    const std::size_t at = random.below(text.size());
    const std::size_t kind = random.below(3);
    if (kind == 0) text[at] = alphabet[random.below(alphabet.size())];
    if (kind == 1) text.insert(at, 1, alphabet[random.below(alphabet.size())]);
    if (kind == 2) text.erase(at, 1 + random.below(20));
  }
  return text;
}

TEST(HostileText, FilesWithWrongCharacters) {
  for (const machine::SourceFile& file : sketches()) {
    Sequence random(file.text.size() + 1);
    constexpr int k_variants = 60;
    for (int i = 0; i < k_variants; ++i) expect_an_answer({}, mutated(file.text, random));
  }
}

// The same, where imports and adapters are there, so that everything behind them is reached.
TEST(HostileText, FilesWithWrongCharactersAmongGoodOnes) {
  const auto files = sketches();
  for (std::size_t f = 0; f < files.size(); ++f) {
    std::vector<machine::SourceFile> others = files;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(f));
    Sequence random(files[f].text.size() + 2);
    constexpr int k_variants = 10;
    for (int i = 0; i < k_variants; ++i) expect_an_answer(others, mutated(files[f].text, random));
  }
}

TEST(HostileText, WrongFilesMadeWorse) {
  for (const machine::SourceFile& file : yaml_files(in_repository("tests/golden/diagnostics"))) {
    if (file.text.empty()) continue;
    Sequence random(file.text.size() + 3);
    constexpr int k_variants = 10;
    for (int i = 0; i < k_variants; ++i) expect_an_answer({}, mutated(file.text, random));
  }
}

TEST(Limits, AFileOfMoreThanAMegabyteIsRefusedAtOnce) {
  const std::string said = diagnose_text("vozex: 1\n" + std::string(k_max_file_bytes, '#'));
  EXPECT_EQ(said,
            "test.yaml: error[VZ0019]: the file has 1048585 bytes, the limit is 1048576\n"
            "  hint: split it: one file is one lifecycle\n");
}

TEST(Limits, AMegabyteOfStatesIsRefusedByNumber) {
  std::string text = "vozex: 1\nworkflow: wide\nversion: 1\nstates:\n";
  for (int i = 0; text.size() + 64 < k_max_file_bytes; ++i) {
    text += "  s" + std::to_string(i) + ": {type: final}\n";
  }
  const std::string said = diagnose_text(text);
  EXPECT_NE(said.find("error[VZ0111]: more than 2000 states in one workflow"), std::string::npos)
      << said.substr(0, 2000);
}

TEST(Limits, DepthIsRefusedWhereItBecomesTooMuch) {
  const std::string said =
      diagnose_text("vozex: 1\na: " + std::string(1000, '[') + std::string(1000, ']'));
  EXPECT_NE(said.find("test.yaml:2:67: error[VZ0019]: nested deeper than 64 levels"),
            std::string::npos)
      << said;
  std::string deep = "vozex: 1\nworkflow: deep\nversion: 1\nstates:\n";
  for (std::size_t i = 0; i < 40; ++i) {
    const std::string indent(2 + 2 * i, ' ');
    deep += indent + "s" + std::to_string(i) + ":\n" + indent + " states:\n";
  }
  EXPECT_NE(diagnose_text(deep).find("VZ0019"), std::string::npos);
}

TEST(Limits, OneFileSaysAtMostTwoHundredThings) {
  std::string text = "vozex: 1\nworkflow: many\nversion: 1\nstates:\n";
  for (int i = 0; i < 500; ++i) text += "  s" + std::to_string(i) + ": {wrong: 1}\n";
  const SourceSet set{{{"test.yaml", text}}};
  const auto said = compile(set).diagnostics;
  ASSERT_EQ(said.size(), 201U);
  EXPECT_EQ(said.back().code, "VZ0130");
  EXPECT_TRUE(said.back().message.ends_with(" more in this file")) << said.back().message;
  EXPECT_EQ(said.back().severity, Severity::error);
}

TEST(Limits, TwoHundredThousandMistakesAreCounted) {
  std::string text = "vozex: 1\nworkflow: m\nversion: 1\nstates: {s: {}}\n";
  std::size_t count = 0;
  while (text.size() + 16 < k_max_file_bytes && count < 99'000) {
    text += "k" + std::to_string(count++) + ": 1\n";
  }
  const SourceSet set{{{"test.yaml", text}}};
  const auto said = compile(set).diagnostics;
  ASSERT_EQ(said.size(), 201U);
  EXPECT_NE(said.back().message.find(std::to_string(count - 200)), std::string::npos)
      << said.back().message;
  EXPECT_LT(render(said, set).size(), 200'000U);
}

TEST(Limits, ManyDuplicateKeys) {
  std::string text = "vozex: 1\nworkflow: m\nversion: 1\nstates:\n";
  for (int i = 0; i < 90'000; ++i) text += "  s: {}\n";
  const SourceSet set{{{"test.yaml", text}}};
  const auto said = compile(set).diagnostics;
  EXPECT_LE(said.size(), 401U);
  EXPECT_EQ(said.back().code, "VZ0130");
  EXPECT_NE(render(said, set).find("VZ0005"), std::string::npos);
}

// yaml-cpp would write an alias bomb out; here anchors are refused before anything is.
TEST(Limits, AliasesThatDouble) {
  std::string text = "vozex: 1\na0: &a0 [x, x]\n";
  for (int i = 1; i < 60; ++i) {
    const std::string before = std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + before + ", *a" +
            before + "]\n";
  }
  EXPECT_NE(diagnose_text(text).find("VZ0003"), std::string::npos);
}

TEST(Limits, KeysAndTextsOfHalfAMegabyte) {
  const std::string half(500'000, 'x');
  const std::string said =
      diagnose_text("vozex: 1\nworkflow: m\nversion: 1\n" + half + ": 1\nstates: {s: {}}\n");
  EXPECT_NE(said.find("error["), std::string::npos);
  EXPECT_LT(said.size(), 3'000'000U);
  EXPECT_NE(diagnose_text("vozex: 1\nworkflow: " + half + "\nversion: 1\nstates: {s: {}}\n"), "");
  const std::string pattern = "(" + std::string(20'000, '(') + std::string(20'000, ')') + ")*";
  EXPECT_NE(
      diagnose_text("vozex: 1\nworkflow: m\nversion: 1\ninput: {a: {type: string, pattern: \"" +
                    pattern + "\"}}\nstates: {s: {}}\n"),
      "");
}

TEST(Limits, NumbersWithoutAnEnd) {
  const std::string nines(100'000, '9');
  for (const std::string& field :
       std::vector<std::string>{"version: " + nines,
                                "version: 1\ndata: {n: {type: int, default: " + nines + "}}",
                                "version: 1\ndata: {n: {type: double, default: 1e" + nines + "}}",
                                "version: 1\ndata: {n: {type: duration, default: " + nines + "h}}",
                                "version: 1\ninvariants: [{name: n, holds: " + nines + " > 1}]"}) {
    const std::string said =
        diagnose_text("vozex: 1\nworkflow: m\n" + field + "\nstates: {s: {}}\n");
    EXPECT_NE(said.find("error["), std::string::npos) << field.substr(0, 60);
  }
}

TEST(Limits, AFlowListOfEveryValueThereMayBe) {
  std::string text = "vozex: 1\nworkflow: m\nversion: 1\ndata: {l: {type: list<int>, default: [";
  for (int i = 0; i < 150'000; ++i) text += "1, ";
  const std::string said = diagnose_text(text + "1]}}\nstates: {s: {}}\n");
  EXPECT_LT(said.size(), 100'000U);
}

// Each of these is small or within the limits, and made to cost far more than it should.
TEST(Limits, AMegabyteOnOneLine) {
  std::string text = "{vozex: 1, workflow: flat, version: 1, states: {";
  for (int i = 0; text.size() + 64 < k_max_file_bytes; ++i)
    text += "s" + std::to_string(i) + ": {type: !x final}, ";
  EXPECT_NE(diagnose_text(text + "}}").find("VZ0002"), std::string::npos);
}

TEST(Limits, ConditionsThatAreLargeWhenTheyAreCompared) {
  std::string text =
      "vozex: 1\nworkflow: wide\nversion: 1\ninput: {a: int, b: int, c: int, d: int}\nstates:\n";
  int number = 0;
  for (int state = 0; text.size() < 300'000; ++state) {
    text += "  s" + std::to_string(state) + ":\n    after: {1h: done}\n    always:\n";
    for (int i = 0; i < 40; ++i) {
      text += "      - {target: done, when: ";
      for (const char* name : {"a", "b", "c", "d"}) {
        const std::string path = std::string("input.") + name;
        ++number;
        text += std::string(name[0] == 'a' ? "" : " && ") + "(" + path +
                " == " + std::to_string(number) + " || " + path + " > " +
                std::to_string(number + 9) + ")";
      }
      text += "}\n";
    }
  }
  EXPECT_NE(diagnose_text(text + "  done: {type: final}\n").find("VZ0601"), std::string::npos);
}

TEST(Limits, TypesThatDouble) {
  std::string text = "vozex: 1\ntypes_of: doubling\ntypes:\n  t0: {a: int}\n";
  for (int i = 1; i < 60; ++i) {
    const std::string before = "t" + std::to_string(i - 1);
    text += "  t" + std::to_string(i) + ": {a: " + before + ", b: " + before + "}\n";
  }
  EXPECT_NE(diagnose_text(text).find("becomes too large when the types in it are written out"),
            std::string::npos);
}

TEST(Limits, TypesInAChain) {
  std::string text = "vozex: 1\ntypes_of: chain\ntypes:\n";
  for (int i = 0; i < 20'000; ++i)
    text += "  t" + std::to_string(i) + ": {a: t" + std::to_string(i + 1) + "}\n";
  EXPECT_NE(diagnose_text(text + "  t20000: int\n").find("VZ0111"), std::string::npos);
}

TEST(Limits, ThousandsOfUnknownNames) {
  std::string text = "vozex: 1\nworkflow: lost\nversion: 1\nstates:\n";
  for (int i = 0; i < 1900; ++i) text += "  state_number_" + std::to_string(i) + ": {}\n";
  text += "  last:\n    on:\n";
  for (int i = 0; i < 10'000; ++i)
    text += "      event_" + std::to_string(i) + ": state_numbre_" + std::to_string(i) + "\n";
  const std::string said = diagnose_text(text);
  EXPECT_NE(said.find("VZ0201"), std::string::npos);
}

TEST(Limits, OnlyTextIsRead) {
  EXPECT_EQ(
      diagnose_text("vozex: 1\ntitle: \xff\xfe\n"),
      "test.yaml:2:1: error[VZ0020]: this line is not UTF-8 text\n 2 | title: \xff\xfe\n   | ^\n"
      "  hint: save the file as UTF-8\n");
  EXPECT_NE(diagnose_text(std::string("vozex: 1\n\0", 10)).find("VZ0020"), std::string::npos);
}

// yaml-cpp gives null documents for ever where a bracket stands that nothing opened.
TEST(HostileYaml, ABracketThatNothingOpenedEndsTheReading) {
  for (const char* text : {"a: 1\n]\n", "]", "a: 1\n---\n}\n", "- a\n}\nb: 1\n"}) {
    std::vector<Diagnostic> diagnostics;
    read_yaml({"test.yaml", text}, diagnostics);
    EXPECT_TRUE(has_errors(diagnostics)) << text;
  }
}

}  // namespace
}  // namespace vozex::language

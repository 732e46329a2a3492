// SPDX-License-Identifier: Apache-2.0
// The formatter: its layout case by case, and what must hold for every text: it means the same,
// every comment survives, and formatting again changes nothing.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "engine/language/format.h"
#include "engine/language/yaml_reader.h"
#include "tests/unit/language/files.h"

namespace vozex::language {
namespace {

std::string formatted(const std::string& text) {
  std::vector<Diagnostic> diagnostics;
  const auto result = format_yaml({"test.yaml", text}, diagnostics);
  if (result) return *result;
  return "refused: " + (diagnostics.empty() ? "" : diagnostics.front().message);
}

std::optional<Node> tree_of(const std::string& text) {
  std::vector<Diagnostic> ignored;
  auto root = read_yaml({"test.yaml", text}, ignored);
  return has_errors(ignored) ? std::nullopt : std::move(root);
}

struct Case {
  const char* name;
  const char* given;
  const char* expected;
};

const Case k_cases[] = {
    {"indentation of two", "a:\n    b:\n        c: 1\n", "a:\n  b:\n    c: 1\n"},
    {"lists stand two deeper than their key",
     "a:\n- b\n- c: 1\n  d: 2\n",
     "a:\n  - b\n  - c: 1\n    d: 2\n"},
    {"blanks in flow style", "a: { b : 1,c: [ x ,y ] , }\n", "a: {b: 1, c: [x, y]}\n"},
    {"blanks behind keys and at line ends", "a:   1  \nb:    \n  c:  x \n", "a: 1\nb:\n  c: x\n"},
    {"at most one empty line", "\n\na: 1\n\n\n\nb: 2\n\n\n", "a: 1\n\nb: 2\n"},
    {"no empty line below a key", "a:\n\n  b: 1\n\n  c: 2\n", "a:\n  b: 1\n\n  c: 2\n"},
    {"a final newline", "a: 1", "a: 1\n"},
    {"line ends of Windows", "a: 1\r\nb:\r\n    c: 2\r\n", "a: 1\nb:\n  c: 2\n"},
    {"quotes stay", "a: 'x'\nb: \"y\"\n'c': z\n", "a: 'x'\nb: \"y\"\n'c': z\n"},
    {"flow lines are joined where they fit", "a: {b: 1,\n    c: 2}\n", "a: {b: 1, c: 2}\n"},
    {"comments above", "# top\n\na: 1\n   # of b\nb: 2\n", "# top\n\na: 1\n# of b\nb: 2\n"},
    {"comments behind keep their column",
     "a: 1     # one\nbcd: 2   # two\n",
     "a: 1     # one\nbcd: 2   # two\n"},
    {"comments behind have two blanks",
     "a: 1 # one\nb:    # two\n  c: 1 # three\n",
     "a: 1  # one\nb:    # two\n  c: 1  # three\n"},
    {"a comment at the end of a block stays in it",
     "a:\n    b: 1\n    # c: 2\nd: 3\n# end\n",
     "a:\n  b: 1\n  # c: 2\nd: 3\n# end\n"},
    {"a comment below an empty key",
     "a:\n  b:\n    # nothing yet\n  c: {}\n",
     "a:\n  b:\n    # nothing yet\n  c: {}\n"},
    {"a comment between a key and its text goes above",
     "a:\n  # why\n  text\n",
     "# why\na: text\n"},
    {"a comment behind a dash goes above",
     "a:\n  - # first\n    b: 1\n",
     "a:\n  # first\n  - b: 1\n"},
    {"a comment inside flow style opens it",
     "a: {b: 1, # one\n    c: 2}\n",
     "a:\n  b: 1    # one\n  c: 2\n"},
    {"literal blocks move as a whole",
     "a:\n      b: |\n          x\n            y\n\n          z\n      c: 1\n",
     "a:\n  b: |\n    x\n      y\n\n    z\n  c: 1\n"},
    {"folded blocks in lists",
     "a:\n- >-\n     x\n     y\n- z\n",
     "a:\n  - >-\n    x\n    y\n  - z\n"},
    {"blocks that keep their empty lines",
     "a:\n   b: |+\n      x\n\n\nc: 1\n",
     "a:\n  b: |+\n    x\n\n\nc: 1\n"},
    {"blocks with an explicit indentation",
     "a:\n   b: |2\n       x\n      y\n",
     "a:\n  b: |2\n      x\n     y\n"},
    {"texts over several lines",
     "a:\n   b: one\n       two\n   c: \"x\n    y\"\n",
     "a:\n  b: one\n    two\n  c: \"x\n    y\"\n"},
    {"lists in lists", "-   - a\n    - b\n-   c\n", "- - a\n  - b\n- c\n"},
    {"maps in lists", "-   a: 1\n    b:\n      - c\n", "- a: 1\n  b:\n    - c\n"},
    {"the start of a document", "---\n# x\na:   1\n", "---\n# x\na: 1\n"},
    {"nothing as a value",
     "a: ~\nb: null\nc:\nd: {e: , f: 1}\n",
     "a: ~\nb: null\nc:\nd: {e: null, f: 1}\n"},
    {"empty collections", "a: { }\nb: [ ]\n", "a: {}\nb: []\n"},
    {"text that is not ASCII", "größe:   { ä: \"ö\" }   # ü\n", "größe: {ä: \"ö\"}       # ü\n"},
};

TEST(Format, LaysOutEachCaseAndThenLeavesIt) {
  for (const Case& one : k_cases) {
    EXPECT_EQ(formatted(one.given), one.expected) << one.name;
    EXPECT_EQ(formatted(one.expected), one.expected) << one.name << ", again";
  }
}

TEST(Format, BreaksWhatDoesNotFitIntoABlock) {
  const std::string word(50, 'x');
  EXPECT_EQ(formatted("k: {a: " + word + ", b: [" + word + ", " + word + "]}\n"),
            "k:\n  a: " + word + "\n  b: [" + word + ", " + word + "]\n");
  EXPECT_EQ(formatted("- {a: " + word + ", b: {c: " + word + "}, d: 1}\n- [" + word + ", " + word +
                      ", " + word + "]\n"),
            "- a: " + word + "\n  b: {c: " + word + "}\n  d: 1\n- - " + word + "\n  - " + word +
                "\n  - " + word + "\n");
}

TEST(Format, AnExactFitStaysOnItsLine) {
  const std::string key = "k: {a: ";
  const std::string fits = key + std::string(k_format_width - key.size() - 1, 'x') + "}\n";
  EXPECT_EQ(formatted(fits), fits);
  const std::string longer = key + std::string(k_format_width - key.size(), 'x') + "}\n";
  EXPECT_EQ(formatted(longer), "k:\n  a: " + std::string(k_format_width - key.size(), 'x') + "\n");
}

TEST(Format, RefusesWhatItCannotReadWithTheReason) {
  for (const char* text :
       {"a: [1\n", "a: &x 1\n", "a: 1\na: 2\n", "", "a: 1\n---\nb: 2\n", "when: !x\n"}) {
    std::vector<Diagnostic> diagnostics;
    EXPECT_FALSE(format_yaml({"test.yaml", text}, diagnostics).has_value()) << text;
    EXPECT_TRUE(has_errors(diagnostics)) << text;
  }
}

// --- what holds for every file of the project ----------------------------------------------------

std::vector<machine::SourceFile> files_below(const std::string& folder) {
  std::vector<machine::SourceFile> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(in_repository(folder))) {
    if (entry.path().extension() == ".yaml")
      files.push_back({entry.path().string(), read_file(entry.path())});
  }
  std::sort(
      files.begin(), files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return files;
}

// Fenced examples of the documentation.
std::vector<machine::SourceFile> examples_below(const std::string& folder) {
  std::vector<machine::SourceFile> examples;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(in_repository(folder))) {
    if (entry.path().extension() != ".md") continue;
    const std::string page = read_file(entry.path());
    const std::string fence = "```yaml\n";
    for (std::size_t at = page.find(fence); at != std::string::npos; at = page.find(fence, at)) {
      const std::size_t begin = at + fence.size();
      at = page.find("```", begin);
      examples.push_back({entry.path().string() + "#" + std::to_string(examples.size()),
                          page.substr(begin, at - begin)});
    }
  }
  return examples;
}

void keeps_its_meaning(const machine::SourceFile& file) {
  const auto before = tree_of(file.text);
  if (!before) return;  // an example of a mistake in YAML
  const std::string once = formatted(file.text);
  ASSERT_FALSE(once.starts_with("refused")) << file.name << ": " << once;
  const auto after = tree_of(once);
  ASSERT_TRUE(after.has_value()) << file.name << "\n" << once;
  EXPECT_TRUE(says_the_same(*before, *after)) << file.name << "\n" << once;
  EXPECT_EQ(formatted(once), once) << file.name;
  const auto hashes = [](const std::string& text) {
    return std::count(text.begin(), text.end(), '#');
  };
  EXPECT_EQ(hashes(once), hashes(file.text)) << file.name;
}

TEST(Format, EveryFileAndExampleKeepsItsMeaning) {
  std::size_t count = 0;
  for (const char* folder :
       {"workflows", "tests/golden", "tests/conformance", "../shared/design/sketches"}) {
    if (!std::filesystem::exists(in_repository(folder))) continue;
    for (const auto& file : files_below(folder)) {
      keeps_its_meaning(file);
      ++count;
    }
  }
  for (const auto& example : examples_below("docs")) {
    keeps_its_meaning(example);
    ++count;
  }
  EXPECT_GT(count, 150U);
}

// Diagnostics and machines of a set, without places.
std::string summary(const std::vector<machine::SourceFile>& files) {
  const Compilation compiled = compile({files});
  std::string text;
  for (const auto& machine : compiled.machines) {
    text += machine->workflow + " " + std::to_string(machine->version) + "\n";
    for (const machine::State& state : machine->states)
      text += "  " + state.path + " " + std::to_string(static_cast<int>(state.kind)) + " " +
              state.title + state.doc + "\n";
    for (const machine::Transition& transition : machine->transitions) {
      text += "  " + transition.event + " " + std::to_string(transition.source) + " ->";
      for (const auto target : transition.targets) text += " " + std::to_string(target);
      text += transition.when == nullptr ? "\n" : " when\n";
    }
  }
  std::vector<std::string> messages;
  for (const Diagnostic& one : compiled.diagnostics)
    messages.push_back(one.code + " " + one.message + " " + one.hint + "\n");
  std::sort(messages.begin(), messages.end());
  for (const std::string& message : messages) text += message;
  return text;
}

TEST(Format, TheMachinesOfTheShippedWorkflowsAreTheSame) {
  std::vector<machine::SourceFile> before;
  for (auto& file : files_below("workflows")) {
    if (!file.name.ends_with(".test.yaml")) before.push_back(std::move(file));
  }
  std::vector<machine::SourceFile> after = before;
  for (auto& file : after) file.text = formatted(file.text);
  const std::string machines = summary(before);
  EXPECT_NE(machines.find("payment 1"), std::string::npos);
  EXPECT_EQ(summary(after), machines);
}

TEST(Format, TheShippedWorkflowsAreFormatted) {
  for (const auto& file : files_below("workflows"))
    EXPECT_EQ(formatted(file.text), file.text) << file.name;
}

// --- any YAML ------------------------------------------------------------------------------------

// Writes a random tree in a random style, with random comments, blanks and indentation.
class Scribbler {
 public:
  std::string write() {
    collection(0, 3);
    if (chance(30)) line("# the end");
    return out_;
  }

 private:
  static bool chance(int percent) { return *rc::gen::inRange(0, 100) < percent; }

  void comment() {
    out_ += std::string(static_cast<std::size_t>(*rc::gen::inRange(1, 6)), ' ') + "# note";
  }
  void line(const std::string& text) {
    out_ += text;
    out_ += '\n';
  }
  void between(std::size_t indent) {
    if (chance(15)) out_ += "\n";
    if (chance(10)) out_ += "\n\n";
    if (chance(20)) line(std::string(indent, ' ') + "#: comment");
  }
  static std::string scalar() {
    return *rc::gen::element<std::string>("a",
                                          "word",
                                          "two words",
                                          "'single'",
                                          "\"dou\\\"ble\"",
                                          "12",
                                          "true",
                                          "\"${data.x}\"",
                                          "null",
                                          "~",
                                          "x.y == 'z'",
                                          "größe",
                                          "\"# no comment\"",
                                          "a#b",
                                          "30m");
  }
  std::string key() { return "k" + std::to_string(++keys_); }

  std::string flow(int depth) {
    if (depth == 0 || chance(50)) return scalar();
    const bool map = chance(50);
    std::string text = map ? "{" : "[";
    const int count = *rc::gen::inRange(0, 5);
    for (int i = 0; i < count; ++i) {
      if (i > 0) text += chance(50) ? ", " : " ,  ";
      text += (map ? key() + ": " : "") + flow(depth - 1);
    }
    return text + (chance(20) ? " " : "") + (map ? "}" : "]");
  }

  void finish() {
    if (chance(15)) comment();
    out_ += chance(10) ? "   \n" : "\n";
  }

  void value(std::size_t indent, int depth) {
    const std::string margin(indent + static_cast<std::size_t>(*rc::gen::inRange(1, 5)), ' ');
    switch (depth == 0 ? 0 : *rc::gen::inRange(0, 6)) {
      case 1:
        out_ += chance(50) ? " |\n" : " >-\n";
        for (int i = *rc::gen::inRange(1, 4); i > 0; --i)
          out_ += margin + (chance(30) ? "  " : "") + "text # in it\n" + (chance(20) ? "\n" : "");
        out_ += margin + "last\n";
        return;
      case 2:
        out_ += "\n";
        collection(margin.size(), depth - 1);
        return;
      case 3:
        out_ += " one\n" + margin + "two";
        finish();
        return;
      case 4: finish(); return;
      default: out_ += " " + flow(depth); finish();
    }
  }

  void collection(std::size_t indent, int depth) {
    const bool map = chance(60);
    const std::string margin(indent, ' ');
    for (int i = *rc::gen::inRange(1, 5); i > 0; --i) {
      between(indent);
      out_ += margin + (map ? key() + ":" : "-");
      value(indent, depth);
    }
  }

  std::string out_;
  std::size_t keys_ = 0;
};

RC_GTEST_PROP(Format, MeansTheSameKeepsCommentsAndIsStable, ()) {
  Scribbler scribbler;
  const std::string text = scribbler.write();
  const auto before = tree_of(text);
  if (!before) return;
  const std::string once = formatted(text);
  RC_LOG() << "given:\n" << text << "formatted:\n" << once;
  RC_ASSERT(!once.starts_with("refused"));
  RC_ASSERT(says_the_same(*before, *tree_of(once)));
  RC_ASSERT(formatted(once) == once);
  const auto hashes = [](const std::string& all) {
    return std::count(all.begin(), all.end(), '#');
  };
  RC_ASSERT(hashes(once) == hashes(text));
}

// A file that somebody is typing, or that was torn: refused or formatted, never anything else.
RC_GTEST_PROP(Format, TornFilesAreRefusedOrKeepTheirMeaning, ()) {
  std::string text = read_file(in_repository("workflows/commerce/payment.yaml"));
  for (int i = *rc::gen::inRange(1, 4); i > 0; --i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    text.replace(
        at,
        *rc::gen::inRange<std::size_t>(0, 40),
        *rc::gen::element<std::string>(
            "", "-", "\n", "- ", ": ", "{", "]", "#", " # ", "\"", "'", "|", "? ", "\t", "&a"));
  }
  const std::string once = formatted(text);
  if (once.starts_with("refused")) return;
  RC_LOG() << "given:\n" << text << "formatted:\n" << once;
  RC_ASSERT(formatted(once) == once);
}

TEST(Format, CopesWithHugeLines) {
  std::string text = "a: [";
  for (int i = 0; i < 30'000; ++i) text += "{b: [{}, {}]}, ";
  const std::string once = formatted(text + "]\n");
  EXPECT_TRUE(once.starts_with("a:\n  - {b: [{}, {}]}\n")) << once.substr(0, 100);
  std::string comments = "a: [\n";
  for (int i = 0; i < 30'000; ++i) comments += "{}, # c\n";
  EXPECT_TRUE(formatted(comments + "]\n").starts_with("a:\n  - {}  # c\n"));
}

}  // namespace
}  // namespace vozex::language

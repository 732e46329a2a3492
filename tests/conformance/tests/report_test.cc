// SPDX-License-Identifier: Apache-2.0
//
// What comes from outside may be anything: each fault is a line, none stops the run.
#include <stdlib.h>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/conformance/case_files.h"
#include "tests/conformance/payments.h"

namespace vozex::conformance {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "vozex-cases-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string write(const std::string& name, const std::string& text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << text;
    return (path_ / name).string();
  }
  std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

std::string lines_of(const std::string& path, const CaseKind& kind) {
  std::ostringstream lines;
  Report report(lines);
  run_cases(path, kind, report);
  report.close();
  return lines.str();
}

TEST(CaseFiles, WhatIsNoFileOfCasesIsOneFailure) {
  const Folder folder;
  for (const char* text : {"", "{", "[]", "3", "{}", R"({"cases": 3})", "\xff\xfe"}) {
    const std::string lines = lines_of(folder.write("a.json", text), cel_cases());
    EXPECT_TRUE(lines.ends_with("1 cases: 0 passed, 1 failed, 0 not expressible\n"))
        << text << " gave " << lines;
  }
  EXPECT_TRUE(lines_of(folder.path() + "/none.json", cel_cases()).find("can't be read") !=
              std::string::npos);
}

TEST(CaseFiles, AMalformedCaseStopsNothing) {
  const Folder folder;
  const std::string lines = lines_of(
      folder.write("a.json",
                   R"({"more": 1, "cases": [3, {}, {"id": 1, "expr": "1"}, {"id": "x", "expr": 2,
                   "expect": {}}, {"id": "t", "expr": "1", "expect": {"value": {"type": "no",
                   "value": 1}}}, {"id": "ok", "other": [], "expr": "1 + 1", "expect": {"value":
                   {"type": "int", "value": "2"}}}]})"),
      cel_cases());
  EXPECT_TRUE(lines.ends_with("6 cases: 1 passed, 5 failed, 0 not expressible\n")) << lines;
}

TEST(CaseFiles, AMalformedMachineStopsNothing) {
  const Folder folder;
  const std::string lines = lines_of(folder.write("a.json",
                                                  R"({"cases": [
      {"id": "a", "machine": 3, "expect": {"final": "x"}},
      {"id": "b", "machine": {"states": []}, "expect": {"final": "x"}},
      {"id": "c", "machine": {"states": [{"id": "x", "kind": "final"}]}, "expect": {}},
      {"id": "d", "machine": {"states": [{"id": "x", "kind": "state", "onentry": [[{"do": "dance"}]]}]},
       "expect": {"final": "x"}},
      {"id": "e", "machine": {"states": [{"id": "x", "kind": "final", "color": "red"}]},
       "expect": {"final": "x"}}]})"),
                                     statechart_cases());
  EXPECT_TRUE(lines.ends_with("5 cases: 1 passed, 3 failed, 1 not expressible\n")) << lines;
  EXPECT_NE(lines.find("NOT EXPRESSIBLE d: no action `dance`"), std::string::npos) << lines;
}

TEST(CaseFiles, AFolderIsRunInOrderAndOtherKindsArePassedOver) {
  const Folder folder;
  folder.write("b.json",
               R"({"cases": [{"id": "second", "expr": "1", "expect": {"error": true}}]})");
  folder.write("a.json", R"({"cases": [{"id": "first", "expr": "1", "expect": {"error": true}}]})");
  folder.write("c.json", R"({"cases": [{"id": "other", "machine": {}}]})");
  const std::string lines = lines_of(folder.path(), cel_cases());
  EXPECT_LT(lines.find("first"), lines.find("second"));
  EXPECT_EQ(lines.find("other"), std::string::npos);
  EXPECT_TRUE(lines.ends_with("2 cases: 0 passed, 2 failed, 0 not expressible\n")) << lines;
}

TEST(PaymentFiles, AGatewayNobodyRegisteredIsCountedApart) {
  const Folder folder;
  folder.write("barter.json",
               R"({"vectors": [{"name": "v", "headers": {}, "body": "", "expected": "accept"}]})");
  folder.write("payloads/barter/x.json", R"({"body": {}})");
  folder.write("standard_webhooks.json", R"({"vectors": [{"name": "w"}]})");
  std::ostringstream lines;
  Report report(lines);
  run_payments(folder.path(), report);
  report.close();
  EXPECT_NE(lines.str().find("NOT EXPRESSIBLE barter/v: no gateway registered"), std::string::npos)
      << lines.str();
  EXPECT_TRUE(lines.str().ends_with("3 cases: 0 passed, 1 failed, 2 not expressible\n"))
      << lines.str();
}

}  // namespace
}  // namespace vozex::conformance

// SPDX-License-Identifier: Apache-2.0
//
// What a run of conformance cases says: one line per case that fails or can't be expressed, and the
// closing count. Used by the program vozex-conformance and by tests/conformance/tests.
#pragma once

#include <iosfwd>
#include <string>

namespace vozex::conformance {

class Report {
 public:
  // `out` must outlive this.
  explicit Report(std::ostream& out) : out_(out) {}

  void pass() { ++passed_; }
  // `what`: what was expected and what came.
  void fail(const std::string& id, const std::string& what);
  // Our language has no words for the case, or the installation no part for it; `why` is a
  // sentence.
  void not_expressible(const std::string& id, const std::string& why);
  // A line that counts nothing.
  void remark(const std::string& text);
  // "N cases: P passed, F failed, X not expressible".
  void close();

  int passed() const { return passed_; }
  int failed() const { return failed_; }
  int skipped() const { return skipped_; }  // not expressible
  int cases() const { return passed_ + failed_ + skipped_; }

 private:
  std::ostream& out_;
  int passed_ = 0;
  int failed_ = 0;
  int skipped_ = 0;
};

}  // namespace vozex::conformance

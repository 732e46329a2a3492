// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/report.h"

#include <ostream>

namespace vozex::conformance {

void Report::fail(const std::string& id, const std::string& what) {
  ++failed_;
  out_ << "FAIL " << id << ": " << what << "\n";
}

void Report::not_expressible(const std::string& id, const std::string& why) {
  ++skipped_;
  out_ << "NOT EXPRESSIBLE " << id << ": " << why << "\n";
}

void Report::remark(const std::string& text) { out_ << text << "\n"; }

void Report::close() {
  out_ << cases() << " cases: " << passed_ << " passed, " << failed_ << " failed, " << skipped_
       << " not expressible\n";
}

}  // namespace vozex::conformance

// SPDX-License-Identifier: Apache-2.0
//
// vozex-conformance: runs files of cases that public suites publish. One line per case that fails
// or can't be expressed, and a closing count. Exit code 0: nothing failed; 1: something did; 2:
// usage.
#include <iostream>
#include <string_view>

#include "tests/conformance/case_files.h"
#include "tests/conformance/payments.h"

namespace {

using vozex::conformance::Report;

constexpr std::string_view k_usage =
    "usage: vozex-conformance statecharts FILE_OR_FOLDER\n"
    "       vozex-conformance cel FILE_OR_FOLDER\n"
    "       vozex-conformance payments FOLDER\n";

bool run(std::string_view kind, const std::string& path, Report& report) {
  if (kind == "statecharts") {
    run_cases(path, vozex::conformance::statechart_cases(), report);
  } else if (kind == "cel") {
    run_cases(path, vozex::conformance::cel_cases(), report);
  } else if (kind == "payments") {
    vozex::conformance::run_payments(path, report);
  } else {
    return false;
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  Report report(std::cout);
  if (argc != 3 || !run(argv[1], argv[2], report)) {
    std::cerr << k_usage;
    return 2;
  }
  report.close();
  return report.failed() == 0 ? 0 : 1;
}

// SPDX-License-Identifier: Apache-2.0
//
// Report: what `./dev bench` found, as a table for people and as JSON for programs. A number may be
// set against another of the same run, so that what is compared was measured on one machine in one
// hour. Numbers are known by name; names are stable, because other runs are compared by them.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace vozex::bench {

// `of` is the name of an earlier number; `reach` is the ratio to it that we want. Without `of`,
// `reach` is the number itself. `at_most`: smaller is better.
struct Goal {
  std::string of;
  double reach = 0;
  bool at_most = false;
};

struct Number {
  std::string name;  // "floor.single.c1"
  double value = 0;
  std::string unit;  // "/s", "ms", "s"
  std::optional<Goal> goal;
};

class Report {
 public:
  void add(const std::string& name,
           double value,
           const std::string& unit,
           std::optional<Goal> goal = std::nullopt);
  // A section that could not be measured, and why.
  void skip(const std::string& section, const std::string& reason);

  std::optional<double> find(const std::string& name) const;
  // Against its goal's number; nothing without one or when that is missing.
  std::optional<double> ratio(const Number& number) const;

  void print_table() const;
  // False when the file can't be written.
  bool write_json(const std::string& path) const;

 private:
  std::vector<Number> numbers_;
  std::vector<std::pair<std::string, std::string>> skipped_;
};

}  // namespace vozex::bench

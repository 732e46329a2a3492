// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/report.h"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include <nlohmann/json.hpp>

namespace vozex::bench {
namespace {

std::string text_of(double value) {
  if (value >= 100'000) return fmt::format("{:.0f} k", value / 1000);
  if (value >= 100) return fmt::format("{:.0f}", value);
  return fmt::format("{:.3g}", value);
}

bool is_met(const Goal& goal, double measured) {
  return goal.at_most ? measured <= goal.reach : measured >= goal.reach;
}

std::string goal_text(const Goal& goal) {
  const std::string sign = goal.at_most ? "at most " : "";
  return sign + text_of(goal.reach) + (goal.of.empty() ? "" : " x " + goal.of);
}

std::string processor() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.rfind("model name", 0) == 0) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

}  // namespace

void Report::add(const std::string& name,
                 double value,
                 const std::string& unit,
                 std::optional<Goal> goal) {
  numbers_.push_back({name, value, unit, std::move(goal)});
  fmt::print(stderr, "  {:<36} {:>12} {}\n", name, text_of(value), unit);
}

void Report::skip(const std::string& section, const std::string& reason) {
  skipped_.emplace_back(section, reason);
  fmt::print(stderr, "  {}: not measured: {}\n", section, reason);
}

std::optional<double> Report::find(const std::string& name) const {
  const auto found = std::find_if(
      numbers_.begin(), numbers_.end(), [&](const Number& number) { return number.name == name; });
  return found != numbers_.end() ? std::optional(found->value) : std::nullopt;
}

std::optional<double> Report::ratio(const Number& number) const {
  if (!number.goal) return std::nullopt;
  if (number.goal->of.empty()) return number.value;
  const std::optional<double> base = find(number.goal->of);
  if (!base || *base == 0) return std::nullopt;
  return number.value / *base;
}

void Report::print_table() const {
  fmt::print("\n{:<36} {:>12} {:<3} {:>8}  {}\n", "", "measured", "", "ratio", "goal");
  for (const Number& number : numbers_) {
    const std::optional<double> measured = ratio(number);
    const bool relative = number.goal && !number.goal->of.empty();
    fmt::print("{:<36} {:>12} {:<3} {:>8}  {}{}\n",
               number.name,
               text_of(number.value),
               number.unit,
               relative && measured ? fmt::format("{:.2f}", *measured) : "",
               number.goal ? goal_text(*number.goal) : "",
               measured && !is_met(*number.goal, *measured) ? "  MISSED" : "");
  }
  for (const auto& [section, reason] : skipped_)
    fmt::print("{}: not measured: {}\n", section, reason);
}

bool Report::write_json(const std::string& path) const {
  using nlohmann::json;
  utsname system{};
  ::uname(&system);
  json out{{"machine",
            {{"processor", processor()},
             {"cores", ::sysconf(_SC_NPROCESSORS_ONLN)},
             {"kernel", system.release}}},
           {"numbers", json::array()},
           {"skipped", json::object()}};
  for (const Number& number : numbers_) {
    json entry{{"name", number.name}, {"value", number.value}, {"unit", number.unit}};
    if (number.goal) {
      const std::optional<double> measured = ratio(number);
      entry["goal"] = {{"of", number.goal->of},
                       {"reach", number.goal->reach},
                       {"at_most", number.goal->at_most}};
      if (measured) entry["ratio"] = *measured;
      if (measured) entry["met"] = is_met(*number.goal, *measured);
    }
    out["numbers"].push_back(std::move(entry));
  }
  for (const auto& [section, reason] : skipped_) out["skipped"][section] = reason;
  std::ofstream file(path);
  file << out.dump(2) << '\n';
  return file.good();
}

}  // namespace vozex::bench

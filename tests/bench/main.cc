// SPDX-License-Identifier: Apache-2.0
//
// What `./dev bench` runs: the sections in order, a table, and the same as JSON.
//   vozex_bench [--quick] [--only NAME]... [--store NAME] [--clients N] [--server FILE] [--out
//   FILE] vozex_bench --micro [arguments of Google Benchmark]
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/bench/sections.h"

namespace vozex::bench {
namespace {

struct Section {
  const char* name;
  void (*measure)(const Settings&, Report&);
};
// Later ones are set against earlier ones.
constexpr Section k_sections[] = {{"memory", measure_memory},
                                  {"tools", measure_tools},
                                  {"floors", measure_floors},
                                  {"commit", measure_commit_floor},
                                  {"completion", measure_completions},
                                  {"lifecycles", measure_lifecycles},
                                  {"hot", measure_hot},
                                  {"fanout", measure_fanout},
                                  {"waiting", measure_waiting}};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

int usage() {
  fmt::print(stderr,
             "expected [--quick] [--only NAME]... [--store postgres|sqlite] [--clients N] "
             "[--server FILE] [--out FILE], or --micro; NAME is one of:");
  for (const Section& section : k_sections) fmt::print(stderr, " {}", section.name);
  fmt::print(stderr, "\n");
  return 2;
}

bool is_known(const std::string& name) {
  for (const Section& section : k_sections) {
    if (name == section.name) return true;
  }
  return false;
}

bool is_store(const std::string& name) { return name == "postgres" || name == "sqlite"; }

int run_micro(int count, char** words) {
  words[1] = words[0];
  --count;
  ++words;
  benchmark::Initialize(&count, words);
  if (benchmark::ReportUnrecognizedArguments(count, words)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

int run(int count, char** words) {
  if (count > 1 && std::string(words[1]) == "--micro") return run_micro(count, words);
  Settings settings;
  settings.postgres = environment("VOZEX_TEST_POSTGRES");
  settings.postgres_bin = environment("VOZEX_POSTGRES_BIN");
  settings.postgres_folder = environment("VOZEX_TEST_POSTGRES_SOCKET");
  settings.self = words[0];
  std::vector<std::string> only;
  std::string out = "build/bench.json";
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    if (word == "--quick") {
      settings.quick = true;
    } else if (word == "--only" && i + 1 < count && is_known(words[i + 1])) {
      only.emplace_back(words[++i]);
    } else if (word == "--store" && i + 1 < count && is_store(words[i + 1])) {
      settings.store = words[++i];
    } else if (word == "--clients" && i + 1 < count && std::atoi(words[i + 1]) > 0) {
      settings.clients = static_cast<std::size_t>(std::atoi(words[++i]));
    } else if (word == "--server" && i + 1 < count) {
      settings.server = words[++i];
    } else if (word == "--out" && i + 1 < count) {
      out = words[++i];
    } else {
      return usage();
    }
  }
  Report report;
  for (const Section& section : k_sections) {
    if (!only.empty() && std::find(only.begin(), only.end(), section.name) == only.end()) continue;
    fmt::print(stderr, "{}\n", section.name);
    section.measure(settings, report);
  }
  report.print_table();
  if (!report.write_json(out)) {
    fmt::print(stderr, "can't write {}\n", out);
    return 1;
  }
  fmt::print("written: {}\n", out);
  return 0;
}

}  // namespace
}  // namespace vozex::bench

int main(int count, char** words) { return vozex::bench::run(count, words); }

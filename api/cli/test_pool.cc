// SPDX-License-Identifier: Apache-2.0
#include "api/cli/test_pool.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <optional>
#include <thread>

namespace vozex::cli {
namespace {

// So many scenarios make one task: enough that taking one costs nothing beside it.
constexpr std::size_t k_chunk = 16;

// Calls task(0) to task(count - 1), each once, on at most `jobs` threads.
void for_each_task(std::size_t count,
                   std::size_t jobs,
                   const std::function<void(std::size_t)>& task) {
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) task(i);
  };
  std::vector<std::jthread> threads;
  for (std::size_t i = 1; i < std::min(jobs, count); ++i) threads.emplace_back(work);
  work();
}

std::size_t threads_for(std::size_t jobs) {
  const std::size_t wanted = jobs != 0 ? jobs : std::thread::hardware_concurrency();
  return std::clamp<std::size_t>(wanted, 1, k_max_jobs);
}

struct Chunk {
  std::size_t file = 0;
  std::size_t first = 0;
};

}  // namespace

lab::ScenarioReport run_in_parallel(const language::Compilation& compiled,
                                    const std::vector<machine::SourceFile>& tests,
                                    const lab::ScenarioOptions& options,
                                    std::size_t jobs) {
  const std::size_t threads = threads_for(jobs);
  std::vector<std::optional<lab::PreparedScenarios>> files(tests.size());
  for_each_task(
      tests.size(), threads, [&](std::size_t i) { files[i].emplace(compiled, tests[i], options); });
  std::vector<Chunk> chunks;
  for (std::size_t file = 0; file < files.size(); ++file) {
    for (std::size_t first = 0; first < files[file]->size(); first += k_chunk)
      chunks.push_back({file, first});
  }
  std::vector<lab::ScenarioReport> parts(chunks.size());
  for_each_task(chunks.size(), threads, [&](std::size_t i) {
    parts[i] = files[chunks[i].file]->run(chunks[i].first, k_chunk);
  });
  lab::ScenarioReport report;
  for (const auto& file : files) {
    report.diagnostics.insert(
        report.diagnostics.end(), file->diagnostics().begin(), file->diagnostics().end());
  }
  for (lab::ScenarioReport& part : parts) lab::merge(report, std::move(part));
  return report;
}

}  // namespace vozex::cli

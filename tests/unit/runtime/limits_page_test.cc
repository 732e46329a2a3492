// SPDX-License-Identifier: Apache-2.0
// docs/limits.md says each bound as the code has it.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "engine/expr/expr.h"
#include "engine/language/compile.h"
#include "engine/language/report.h"
#include "engine/language/yaml_reader.h"
#include "engine/runtime/batch/batch.h"
#include "engine/runtime/calls/call_core.h"
#include "engine/runtime/calls/call_policy.h"
#include "engine/runtime/engine.h"
#include "engine/runtime/sessions/later.h"
#include "engine/runtime/timers/timer_heap.h"
#include "engine/step/kept.h"
#include "engine/step/keys.h"
#include "engine/step/step.h"
#include "engine/types/depth.h"

namespace vozex::runtime {
namespace {

std::string count(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

std::string bytes(std::uint64_t number) {
  const bool mega = number % (1u << 20) == 0;
  return std::to_string(number >> (mega ? 20 : 10)) + (mega ? " MiB" : " KiB");
}

std::map<std::string, std::string> bounds() {
  const EngineOptions options;
  return {
      {"k_max_file_bytes", bytes(language::k_max_file_bytes)},
      {"k_max_yaml_depth", count(language::k_max_yaml_depth)},
      {"k_max_yaml_nodes", count(language::k_max_yaml_nodes)},
      {"k_max_states", count(language::k_max_states)},
      {"k_max_findings", count(language::k_max_findings)},
      {"max_bytes", bytes(expr::CompileLimits{}.max_bytes)},
      {"max_nodes", count(expr::CompileLimits{}.max_nodes)},
      {"k_max_microsteps", count(k_max_microsteps)},
      {"k_max_internal_events", count(k_max_internal_events)},
      {"k_max_effects", count(k_max_effects)},
      {"k_max_effect_bytes", bytes(k_max_effect_bytes)},
      {"max_cost", count(expr::EvalLimits{}.max_cost)},
      {"max_result_weight", bytes(expr::EvalLimits{}.max_result_weight)},
      {"k_max_step_cost", count(k_max_step_cost)},
      {"k_max_deferred", count(machine::k_max_deferred)},
      {"k_max_kept_bytes", bytes(stepping::k_max_kept_bytes)},
      {"k_max_items", count(machine::k_max_items)},
      {"k_max_own_steps", count(machine::k_max_own_steps)},
      {"k_own_steps_for_an_event", count(machine::k_own_steps_for_an_event)},
      {"k_free_steps", count(machine::k_free_steps)},
      {"k_max_invoked_bytes", bytes(stepping::k_max_invoked_bytes)},
      {"k_max_key_bytes", count(k_max_key_bytes)},
      {"k_max_keys_sought", count(k_max_keys_sought)},
      {"k_max_hits", count(k_max_hits)},
      {"k_max_listed_deliveries", count(k_max_listed_deliveries)},
      {"k_max_data_bytes", bytes(machine::k_max_data_bytes)},
      {"k_max_value_depth", count(types::k_max_value_depth)},
      {"k_shortest_period", format_duration(machine::k_shortest_period)},
      {"k_max_causation_depth", count(machine::k_max_causation_depth)},
      {"k_max_caused", count(machine::k_max_caused)},
      {"k_max_turns", count(machine::k_max_turns)},
      {"k_real_time", format_duration(machine::k_real_time)},
      {"k_max_family_depth", count(machine::k_max_family_depth)},
      {"k_max_family", count(machine::k_max_family)},
      {"k_max_batch_groups", count(ports::k_max_batch_groups)},
      {"k_max_batch_rows", count(ports::k_max_batch_rows)},
      {"k_max_timers_at_once", count(k_max_timers_at_once)},
      {"k_max_heap_timers", count(k_max_heap_timers)},
      {"k_max_fired_timers", count(k_max_fired_timers)},
      {"k_max_held_later", count(k_max_held_later)},
      {"k_max_inline_hits", count(k_max_inline_hits)},
      {"max_queued_events", count(options.max_queued_events)},
      {"max_queued_bytes", bytes(options.max_queued_bytes)},
      {"max_parked_events", count(options.max_parked_events)},
      {"max_parked_time", format_duration(options.park_for)},
      {"k_max_held_calls", count(k_max_held_calls)},
      {"k_max_retry_after", format_duration(k_max_retry_after)},
  };
}

TEST(LimitsPage, SaysEachBoundAsItIs) {
  std::ifstream file(VOZEX_SOURCE_DIR "/docs/limits.md");
  std::stringstream page;
  page << file.rdbuf();
  const std::string text = page.str();
  const auto known = bounds();
  std::set<std::string> told;
  const std::regex row(R"(\| ([^|\n]*) \| `([a-z_]+)` \|\n)");
  for (auto at = std::sregex_iterator(text.begin(), text.end(), row); at != std::sregex_iterator();
       ++at) {
    const std::string name = (*at)[2];
    ASSERT_TRUE(known.contains(name)) << name << " is on the page, and not in this test";
    EXPECT_EQ((*at)[1].str(), known.at(name)) << name;
    told.insert(name);
  }
  for (const auto& [name, bound] : known)
    EXPECT_TRUE(told.contains(name)) << name << " = " << bound;
}

}  // namespace
}  // namespace vozex::runtime

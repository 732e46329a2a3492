// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/world.h"

#include <fmt/format.h>

namespace vozex::simulation {

void World::note(std::string_view who, std::string_view text) {
  if (!tracing) return;
  const auto micros = agenda.elapsed().count();
  trace += fmt::format("{:5}.{:06} {:10} {}\n", micros / 1'000'000, micros % 1'000'000, who, text);
}

}  // namespace vozex::simulation

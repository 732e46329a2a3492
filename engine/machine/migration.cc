// SPDX-License-Identifier: Apache-2.0
#include "engine/machine/migration.h"

#include <algorithm>

namespace vozex::machine {

std::string migrated_path(const Migration& migration, std::string_view path) {
  const auto covers = [path](std::string_view old) {
    return path.starts_with(old) && (path.size() == old.size() || path[old.size()] == '.');
  };
  const std::pair<std::string, std::string>* best = nullptr;
  for (const auto& entry : migration.states) {
    if (covers(entry.first) && (best == nullptr || entry.first.size() > best->first.size()))
      best = &entry;
  }
  if (best == nullptr) return std::string(path);
  return best->second + std::string(path.substr(best->first.size()));
}

const Migration* find_migration(const Machine& machine, std::uint32_t from) {
  const auto found = std::find_if(machine.migrations.begin(),
                                  machine.migrations.end(),
                                  [from](const Migration& one) { return one.from == from; });
  return found == machine.migrations.end() ? nullptr : &*found;
}

}  // namespace vozex::machine

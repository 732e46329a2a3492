// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/diff/named.h"

#include <fmt/format.h>

namespace vozex::lab {

void compare_named(Comparison& comparison,
                   const std::string& what,
                   const ByName& before,
                   const ByName& after,
                   const Meanings& meanings) {
  const auto subject = [&](const std::string& name) { return fmt::format("{} {}", what, name); };
  for (const auto& [name, old] : before) {
    const auto found = after.find(name);
    if (found == after.end()) {
      comparison.add(
          meanings.impact, what + "_removed", subject(name), old.text, meanings.removed, old.line);
    } else {
      comparison.changed(meanings.impact,
                         what + "_changed",
                         subject(name),
                         old.text,
                         found->second.text,
                         meanings.changed,
                         found->second.line);
    }
  }
  for (const auto& [name, one] : after) {
    if (before.contains(name)) continue;
    comparison.add(
        meanings.impact, what + "_added", subject(name), one.text, meanings.added, one.line);
  }
}

}  // namespace vozex::lab

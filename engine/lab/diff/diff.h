// SPDX-License-Identifier: Apache-2.0
//
// What changed between two versions of a workflow, and what each change means for instances that
// live on the old one, for those who start and call it, and for who sends it events. Says which
// `migrate:` would bring the instances over, with renamed states guessed. Pure. Reference:
// docs/tools.md. Tests: tests/unit/lab.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/machine/machine.h"
#include "engine/types/value.h"

namespace vozex::lab {

// Spelled on the wire.
enum class Impact : std::uint8_t {
  none,      // nobody alive notices
  live,      // instances that migrate behave differently from then on; nothing is needed
  breaking,  // something stops to work: see Change::meaning
};
const char* to_string(Impact impact);

struct Change {
  Impact impact = Impact::none;
  std::string kind;        // "state_removed"; docs/tools.md lists them
  std::string subject;     // "state waiting", "data captured", "waiting: after 30m"
  std::string text;        // what changed: "30m -> 45m"
  std::string meaning;     // for what is alive; "" when nothing
  bool handled = false;    // by `migrate:` of the new file: it would be breaking otherwise
  std::uint32_t line = 0;  // in the new file; of what was removed in the old one
};

// A state that went away and one that came, which look like the same.
struct Rename {
  std::string from;
  std::string to;
  double similarity = 0;  // 0 to 1
};

struct Diff {
  std::string workflow;
  std::uint32_t from_version = 0;
  std::uint32_t to_version = 0;
  std::vector<Change> changes;
  std::vector<Rename> renames;
  // A `migrate:` block for the new file; "" when it needs none that it doesn't have.
  std::string migrate;

  bool is_breaking() const;
};

// `before` and `after` are the same workflow.
Diff diff_machines(const machine::Machine& before, const machine::Machine& after);

// A workflow that is in one of two sets only. Going away is breaking.
Diff diff_of_removed(const machine::Machine& before);
Diff diff_of_added(const machine::Machine& after);

types::Value to_value(const Diff& diff);
// For people, several lines.
std::string render(const Diff& diff);

}  // namespace vozex::lab

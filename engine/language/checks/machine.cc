// SPDX-License-Identifier: Apache-2.0
#include "engine/language/checks/checks.h"

namespace vozex::language {

void check_machine(Unit& unit) {
  if (has_errors(unit.document.diagnostics)) return;
  const Facts facts(unit);
  Report& report = unit.report;
  check_secrets(facts, report);
  check_states(facts, report);
  check_transitions(facts, report);
  check_coverage(facts, report);
  check_always_loops(facts, report);
  check_raise_loops(facts, report);
  check_timer_loops(facts, report);
  check_calls(facts, report);
  check_ends(facts, report);
  check_matches(facts, report);
  check_data(facts, report);
}

}  // namespace vozex::language

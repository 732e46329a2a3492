// SPDX-License-Identifier: Apache-2.0
//
// What the compiler says about a whole file that no single place of it shows: one file per family,
// each a function from what is known (analysis/facts.h) to findings. All are silent when unsure: a
// finding is something that happens in some run of the file, or never can. Cost is linear in the
// file, pair-wise work is bounded. Tests: tests/unit/language/*_check_test.cc, golden diagnostics.
#pragma once

#include "engine/language/analysis/facts.h"

namespace vozex::language {

// ---- need no machine: run also on files with errors ----

// Events by name: handled and never declared (an error), declared and never handled, emitted
// undeclared, without type or match. Completes the machine's events with the imported ones.
void check_event_names(Unit& unit);

// ---- need a machine without errors ----

// States that nothing leads to, that nothing leads out of, that are left at once; targets that go
// nowhere.
void check_states(const Facts& facts, Report& report);
// Transitions that can never fire: by their guard, or by others before or inside.
void check_transitions(const Facts& facts, Report& report);
// Events that are lost in some state, deferred for ever, or fire again in their own target.
void check_coverage(const Facts& facts, Report& report);
// `always` and `raise` that never come to rest.
void check_always_loops(const Facts& facts, Report& report);
void check_raise_loops(const Facts& facts, Report& report);
// Timers without time between them that never come to rest.
void check_timer_loops(const Facts& facts, Report& report);
// Calls whose failure nobody takes, that can't be undone, that are repeated without a key.
void check_calls(const Facts& facts, Report& report);
// Ends that cut work short.
void check_ends(const Facts& facts, Report& report);
// `match` and aliases that can't find an instance.
void check_matches(const Facts& facts, Report& report);
// Status words and data that nothing uses.
void check_data(const Facts& facts, Report& report);
// Secrets that would leave the vault: errors.
void check_secrets(const Facts& facts, Report& report);

// All of the latter.
void check_machine(Unit& unit);

}  // namespace vozex::language

// SPDX-License-Identifier: Apache-2.0
// What is declared and nothing uses: status words, and data that is never set.
#include <algorithm>

#include "engine/language/checks/checks.h"

namespace vozex::language {
namespace {

// All words that states can show; nothing when one of them is computed from more than its own
// words.
std::optional<std::set<std::string>> shown_words(const machine::Machine& machine) {
  std::set<std::string> words;
  for (const machine::State& state : machine.states) {
    if (state.status == nullptr) continue;
    const auto texts = expr::texts_of(*state.status);
    if (!texts) return std::nullopt;
    words.insert(texts->begin(), texts->end());
  }
  return words;
}

void check_status_words(const Facts& facts, Report& report) {
  const Node* declared = facts.unit.root.find("status");
  if (declared == nullptr || !declared->is_map()) return;
  const auto shown = shown_words(facts.machine);
  if (!shown) return;
  for (const Node& word : declared->keys) {
    if (shown->contains(word.text)) continue;
    report.warning(code::unused_status,
                   word.span,
                   "no state ever shows `" + word.text + "`",
                   "say `status: " + word.text + "` in a state, or remove the word");
  }
}

// Data is seen from outside, so what nothing reads here may still be read; what nothing sets is
// empty for everybody.
void check_data_fields(const Facts& facts, Report& report) {
  if (!facts.machine.migrations.empty()) return;  // an earlier version may have set it
  for (const DeclaredField& declared : facts.unit.data_fields) {
    const std::string& name = declared.field.name;
    const bool empty = !declared.field.has_default && !facts.written_fields.contains(name);
    if (!empty) continue;
    const bool read = facts.read_fields.contains(name);
    report.warning(code::never_set,
                   declared.span,
                   read ? "nothing ever sets `" + name + "`: who reads it always finds it absent"
                        : "nothing ever sets or reads `" + name + "`",
                   read ? "set it in a transition, or give it a default" : "remove it, or set it");
  }
}

}  // namespace

void check_data(const Facts& facts, Report& report) {
  check_status_words(facts, report);
  check_data_fields(facts, report);
}

}  // namespace vozex::language

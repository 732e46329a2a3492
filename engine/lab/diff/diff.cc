// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/diff/diff.h"

#include <algorithm>

#include "engine/lab/diff/comparison.h"
#include "engine/machine/migration.h"

namespace vozex::lab {
namespace {

Change whole(Impact impact, std::string kind, std::string text, std::string meaning) {
  Change change;
  change.impact = impact;
  change.kind = std::move(kind);
  change.subject = "workflow";
  change.text = std::move(text);
  change.meaning = std::move(meaning);
  return change;
}

}  // namespace

const char* to_string(Impact impact) {
  switch (impact) {
    case Impact::none: return "none";
    case Impact::live: return "live";
    case Impact::breaking: return "breaking";
  }
  return "";
}

bool Diff::is_breaking() const {
  return std::any_of(changes.begin(), changes.end(), [](const Change& change) {
    return change.impact == Impact::breaking;
  });
}

Change& Comparison::add(Impact impact,
                        std::string kind,
                        std::string subject,
                        std::string text,
                        std::string meaning,
                        std::uint32_t line) {
  Change change;
  change.impact = impact;
  change.kind = std::move(kind);
  change.subject = std::move(subject);
  change.text = std::move(text);
  change.meaning = std::move(meaning);
  change.line = line;
  diff.changes.push_back(std::move(change));
  return diff.changes.back();
}

void Comparison::changed(Impact impact,
                         const std::string& kind,
                         const std::string& subject,
                         const std::string& was,
                         const std::string& is,
                         const std::string& meaning,
                         std::uint32_t line) {
  if (was == is) return;
  add(impact,
      kind,
      subject,
      (was.empty() ? "none" : was) + " -> " + (is.empty() ? "none" : is),
      meaning,
      line);
}

Diff diff_machines(const machine::Machine& before, const machine::Machine& after) {
  const machine::Migration* migration = machine::find_migration(after, before.version);
  Comparison comparison{before, after, migration, pair_states(before, after, migration), {}};
  comparison.diff.workflow = after.workflow;
  comparison.diff.from_version = before.version;
  comparison.diff.to_version = after.version;
  comparison.diff.renames = comparison.pairs.guessed;
  compare_contracts(comparison);
  compare_states(comparison);
  comparison.diff.migrate = migrate_block(comparison);
  std::stable_sort(comparison.diff.changes.begin(),
                   comparison.diff.changes.end(),
                   [](const Change& a, const Change& b) { return a.impact > b.impact; });
  return std::move(comparison.diff);
}

Diff diff_of_removed(const machine::Machine& before) {
  Diff diff;
  diff.workflow = before.workflow;
  diff.from_version = before.version;
  diff.changes.push_back(whole(Impact::breaking,
                               "workflow_removed",
                               "removed",
                               "nobody can start it any more; its live instances go on"));
  return diff;
}

Diff diff_of_added(const machine::Machine& after) {
  Diff diff;
  diff.workflow = after.workflow;
  diff.to_version = after.version;
  diff.changes.push_back(whole(Impact::none, "workflow_added", "added", ""));
  return diff;
}

}  // namespace vozex::lab

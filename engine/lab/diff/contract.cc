// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/lab/diff/comparison.h"
#include "engine/lab/diff/named.h"
#include "engine/lab/diff/program_text.h"
#include "engine/language/grammar.h"

namespace vozex::lab {
namespace {

namespace grammar = language::grammar;
using machine::Machine;

std::string first_step(const std::string& dotted) { return dotted.substr(0, dotted.find('.')); }

void compare_version(Comparison& comparison) {
  const Machine& before = comparison.before;
  const Machine& after = comparison.after;
  if (before.content_hash == after.content_hash || after.version > before.version) return;
  comparison.add(
      Impact::breaking,
      "version_not_raised",
      "version",
      std::to_string(before.version) + " -> " + std::to_string(after.version),
      "a deployed version can't change: raise `version` to " + std::to_string(before.version + 1),
      1);
}

void compare_input(Comparison& comparison) {
  for (const FieldDifference& one :
       differences_of(comparison.before.input, comparison.after.input)) {
    const bool breaks =
        one.change == FieldChange::added_needed || one.change == FieldChange::narrowed;
    const std::string meaning =
        breaks ? "who starts it as before is refused, and live instances, whose input can't "
                 "change, can't migrate"
        : one.change == FieldChange::removed ? "live instances that migrate no longer show it"
                                             : "";
    comparison.add(breaks                               ? Impact::breaking
                   : one.change == FieldChange::removed ? Impact::live
                                                        : Impact::none,
                   std::string("input") + ending_of(one.change),
                   "input " + one.name,
                   one.text,
                   meaning,
                   0);
  }
}

// Read the other way round: what the new version gives must fit where the old one's was expected.
void compare_output(Comparison& comparison) {
  for (const FieldDifference& one :
       differences_of(comparison.after.output, comparison.before.output)) {
    const bool gone = one.change == FieldChange::added || one.change == FieldChange::added_needed;
    const bool breaks = gone || one.change == FieldChange::narrowed;
    std::string text = one.text;
    if (const std::size_t arrow = text.find(" -> "); arrow != std::string::npos)
      text = text.substr(arrow + 4) + " -> " + text.substr(0, arrow);
    const char* kind = gone                                 ? "output_removed"
                       : one.change == FieldChange::removed ? "output_added"
                                                            : "output_changed";
    comparison.add(
        breaks ? Impact::breaking : Impact::none,
        kind,
        "output " + one.name,
        text,
        breaks ? "live parents that invoked this workflow read it in `result`, as it was" : "",
        0);
  }
}

bool sets(const machine::Migration* migration, const std::string& field) {
  return migration != nullptr &&
         std::any_of(migration->set.begin(), migration->set.end(), [&](const auto& one) {
           return !one.path.empty() && one.path.front().field == field;
         });
}

const machine::DataField* find_field(const Machine& machine, const std::string& name) {
  for (const machine::DataField& field : machine.data_fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

void compare_data(Comparison& comparison) {
  for (const FieldDifference& one : differences_of(comparison.before.data, comparison.after.data)) {
    const std::string root = first_step(one.name);
    const machine::DataField* field = find_field(comparison.after, root);
    const bool new_default = field != nullptr && field->default_value != nullptr &&
                             find_field(comparison.before, root) == nullptr;
    const bool needs = (one.change == FieldChange::added_needed && !new_default) ||
                       one.change == FieldChange::narrowed;
    const bool handled = needs && sets(comparison.migration, root);
    const std::string meaning =
        needs ? "a live instance has no value that is sure to fit: `migrate: {data: {set: {" +
                    root + ": ...}}}`"
        : one.change == FieldChange::removed ? "its values are dropped when instances migrate"
                                             : "";
    Change& change = comparison.add(needs && !handled                             ? Impact::breaking
                                    : needs || one.change == FieldChange::removed ? Impact::live
                                                                                  : Impact::none,
                                    std::string("data") + ending_of(one.change),
                                    "data " + one.name,
                                    one.text,
                                    meaning,
                                    field != nullptr ? field->span.line : 0);
    change.handled = handled;
  }
}

void compare_config(Comparison& comparison) {
  for (const FieldDifference& one :
       differences_of(comparison.before.config, comparison.after.config)) {
    const bool breaks =
        one.change == FieldChange::added_needed || one.change == FieldChange::narrowed;
    comparison.add(breaks ? Impact::breaking : Impact::none,
                   std::string("config") + ending_of(one.change),
                   "config " + one.name,
                   one.text,
                   breaks ? "the installation must set it before this version is deployed" : "",
                   0);
  }
}

ByName by_name(const std::vector<machine::AliasDecl>& list) {
  ByName out;
  for (const machine::AliasDecl& one : list)
    out[one.name] = {program_text(one.value), one.span.line};
  return out;
}

const char* word_of(machine::PropertyKind kind) {
  using machine::PropertyKind;
  switch (kind) {
    case PropertyKind::always: return "always";
    case PropertyKind::never: return "never";
    case PropertyKind::eventually: return "eventually";
    case PropertyKind::leads_to: return "leads to";
    case PropertyKind::precedes: return "precedes";
  }
  return "";
}

ByName properties(const Machine& machine) {
  ByName out;
  for (const machine::Property& one : machine.properties) {
    std::string text = std::string(word_of(one.kind)) + ": " + program_text(one.first);
    if (one.second != nullptr) text += ", " + program_text(one.second);
    out[one.name] = {std::move(text), one.span.line};
  }
  return out;
}

void compare_key(Comparison& comparison) {
  const Machine& before = comparison.before;
  const Machine& after = comparison.after;
  comparison.changed(Impact::breaking,
                     "key_changed",
                     "key",
                     program_text(before.key),
                     program_text(after.key),
                     "live instances keep the key that they have; events look for the new one",
                     1);
  const auto reuse = [](const Machine& machine) {
    return std::string(grammar::k_reuse_words[machine.key_reusable ? 1 : 0]);
  };
  const bool breaks = before.key_reusable;
  comparison.changed(breaks ? Impact::breaking : Impact::none,
                     "reuse_changed",
                     "key: reuse",
                     reuse(before),
                     reuse(after),
                     breaks ? "who starts one with the key of one that has ended is refused with "
                              "key_taken"
                            : "",
                     1);
}

void compare_errors(Comparison& comparison) {
  comparison.changed(Impact::live,
                     "errors_changed",
                     "errors",
                     word(grammar::k_error_mode_words, comparison.before.errors),
                     word(grammar::k_error_mode_words, comparison.after.errors),
                     "whether an error that no state takes holds an instance",
                     1);
}

ByName invariants(const Machine& machine) {
  ByName out;
  for (const machine::Invariant& one : machine.invariants)
    out[one.name] = {program_text(one.holds), one.span.line};
  return out;
}

}  // namespace

const char* ending_of(FieldChange change) {
  switch (change) {
    case FieldChange::added_needed:
    case FieldChange::added: return "_added";
    case FieldChange::removed: return "_removed";
    case FieldChange::narrowed:
    case FieldChange::widened: return "_changed";
  }
  return "";
}

void compare_contracts(Comparison& comparison) {
  const Machine& before = comparison.before;
  const Machine& after = comparison.after;
  compare_version(comparison);
  compare_key(comparison);
  compare_errors(comparison);
  compare_input(comparison);
  compare_output(comparison);
  compare_data(comparison);
  compare_config(comparison);
  compare_events(comparison);
  compare_named(comparison,
                "alias",
                by_name(before.aliases),
                by_name(after.aliases),
                {"events no longer find instances by it",
                 "it is bound anew when an instance migrates",
                 "it is bound when an instance migrates"});
  compare_named(comparison,
                "search",
                by_name(before.search),
                by_name(after.search),
                {"people no longer find instances by it",
                 "instances that migrate are found by the new value",
                 "instances are found by it once they migrate"});
  compare_starts(comparison);
  compare_named(comparison,
                "invariant",
                invariants(before),
                invariants(after),
                {"no longer checked",
                 "an instance that breaks it can't migrate",
                 "an instance that breaks it can't migrate"});
  compare_named(comparison,
                "property",
                properties(before),
                properties(after),
                {"no longer shown of every run",
                 "shown of every run of this version",
                 "shown of every run of this version",
                 Impact::none});
}

}  // namespace vozex::lab

// SPDX-License-Identifier: Apache-2.0
// Correlation that can't work: forms that look for what no instance ever has.
#include <algorithm>
#include <charconv>

#include "engine/language/checks/checks.h"

namespace vozex::language {
namespace {

using machine::AliasDecl;
using machine::Machine;
using types::Type;
using types::TypeKind;

// The optional data fields that an expression is made of, when it is made of nothing else and
// nothing ever sets them.
std::vector<std::string> never_set(const Facts& facts, const expr::Program& value) {
  std::vector<std::string> fields;
  for (const expr::Reference& reference : expr::references_of(value)) {
    if (!reference.path.starts_with("data.")) return {};
    const std::string name = reference.path.substr(5, reference.path.find('.', 5) - 5);
    const auto& all = facts.machine.data_fields;
    const auto field = std::find_if(
        all.begin(), all.end(), [&](const machine::DataField& f) { return f.name == name; });
    const bool empty = field != all.end() && field->default_value == nullptr &&
                       field->type->kind == TypeKind::optional &&
                       !facts.written_fields.contains(name);
    if (!empty) return {};
    fields.push_back(name);
  }
  return fields;
}

void check_aliases(const Facts& facts, Report& report) {
  for (const AliasDecl& alias : facts.machine.aliases) {
    const auto fields = never_set(facts, *alias.value);
    if (fields.empty()) continue;
    report.warning(code::match_never_hits,
                   alias.span,
                   "nothing ever sets " + list_names(fields) + ": no instance is ever found by `" +
                       alias.name + "`",
                   "set it in a transition: `set: {" + fields.front() + ": \"${...}\"}`");
  }
}

const Type& one_of(const Type& type) {
  const bool wrapped = type.kind == TypeKind::optional || type.kind == TypeKind::list;
  return wrapped ? one_of(*type.element) : type;
}

bool reads_as_integer(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

// Whether the two have a text in common.
bool can_be_equal(const Type& key, const Type& form) {
  const Type& choices = form.kind == TypeKind::enumeration ? form : key;
  const Type& other = &choices == &form ? key : form;
  if (choices.kind != TypeKind::enumeration) return true;
  return std::any_of(
      choices.options.begin(), choices.options.end(), [&](const std::string& option) {
        if (other.kind == TypeKind::enumeration)
          return std::find(other.options.begin(), other.options.end(), option) !=
                 other.options.end();
        return other.kind != TypeKind::integer || reads_as_integer(option);
      });
}

const expr::Program* value_matched(const Machine& machine, const machine::MatchForm& form) {
  if (form.alias.empty()) return machine.key.get();
  const auto found = std::find_if(machine.aliases.begin(),
                                  machine.aliases.end(),
                                  [&](const AliasDecl& alias) { return alias.name == form.alias; });
  return found == machine.aliases.end() ? nullptr : found->value.get();
}

void check_form(const Facts& facts,
                const machine::EventDecl& event,
                const machine::MatchForm& form,
                Report& report) {
  const auto references = expr::references_of(*form.value);
  const bool reads_event =
      std::any_of(references.begin(), references.end(), [](const expr::Reference& reference) {
        return reference.path == "event" || reference.path.starts_with("event.");
      });
  const std::string looked_for = form.alias.empty() ? "the key" : "`" + form.alias + "`";
  const expr::Program* key = value_matched(facts.machine, form);
  // A constant that all instances share is how one event reaches all of them.
  if (!reads_event && key != nullptr && expr::constant_of(*key) != nullptr) return;
  if (!reads_event) {
    report.warning(code::match_never_hits,
                   event.span,
                   "the match of `" + event.name + "` with " + looked_for +
                       " reads nothing of the event: each one looks for the same instance",
                   "compare a field of it: `match: event.data.<the key>`");
    return;
  }
  if (key == nullptr) return;
  const Type& wanted = one_of(*expr::type_of(*key));
  const Type& given = one_of(*expr::type_of(*form.value));
  if (can_be_equal(wanted, given)) return;
  report.warning(code::match_never_hits,
                 event.span,
                 "the match of `" + event.name + "` gives " + types::to_string(given) + ", and " +
                     looked_for + " is " + types::to_string(wanted) + ": they are never equal",
                 "compare the field that carries " + looked_for);
}

}  // namespace

void check_matches(const Facts& facts, Report& report) {
  check_aliases(facts, report);
  for (const machine::EventDecl& event : facts.machine.events) {
    for (const machine::MatchForm& form : event.match) {
      if (form.value != nullptr) check_form(facts, event, form, report);
    }
  }
}

}  // namespace vozex::language

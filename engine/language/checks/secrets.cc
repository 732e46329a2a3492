// SPDX-License-Identifier: Apache-2.0
// Secrets stay handles: they are kept in data of type secret, handed to children, and resolved in
// `with`. Followed through the types of expressions; what a text is made of is checked by
// engine/expr.
#include <algorithm>

#include "engine/language/analysis/programs.h"
#include "engine/language/checks/checks.h"

namespace vozex::language {
namespace {

using types::Type;
using types::TypeKind;

constexpr int k_max_type_depth = 64;

bool holds_secret(const Type& type, int depth = k_max_type_depth) {
  if (type.kind == TypeKind::secret) return true;
  if (depth == 0) return false;
  if (type.element != nullptr && holds_secret(*type.element, depth - 1)) return true;
  return std::any_of(type.fields.begin(), type.fields.end(), [&](const types::Field& field) {
    return holds_secret(*field.type, depth - 1);
  });
}

// Where a value can be seen from outside; "" where it stays inside.
std::string seen_in(Use use) {
  switch (use) {
    case Use::emitted: return "an emitted event";
    case Use::output: return "the answer of this workflow";
    case Use::failure: return "an error";
    case Use::text: return "a log line or incident";
    case Use::status: return "the status";
    case Use::key: return "a key";
    case Use::search: return "a search field";
    case Use::task: return "a task or form";
    case Use::condition:
    case Use::stored:
    case Use::passed:
    case Use::moment: return "";
  }
  return "";
}

}  // namespace

void check_secrets(const Facts& facts, Report& report) {
  for_each_program(facts.machine, [&](const UsedProgram& used) {
    const std::string place = seen_in(used.use);
    if (place.empty() || !holds_secret(*expr::type_of(used.program))) return;
    report.error(code::secret_shown,
                 used.span,
                 "this would show a secret in " + place,
                 "leave it out: a secret is used in `with` of a call, and kept in data of type "
                 "secret");
  });
  for_each_action(facts.machine, [&](const machine::Action& action) {
    for (const machine::Assignment& assignment : action.set) {
      const bool kept = assignment.type == nullptr || holds_secret(*assignment.type);
      if (kept || !holds_secret(*expr::type_of(*assignment.value))) continue;
      report.error(code::secret_shown,
                   assignment.span,
                   "this puts a secret where it is no longer known as one",
                   "declare the field as `secret`, or as optional<secret>");
    }
  });
}

}  // namespace vozex::language

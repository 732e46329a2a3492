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

// Which types hold a secret somewhere inside. Each is looked at once: types share their parts.
class SecretTypes {
 public:
  bool hold(const Type& type, int depth = k_max_type_depth) {
    if (type.kind == TypeKind::secret) return true;
    if (depth == 0 || (type.element == nullptr && type.fields.empty())) return false;
    if (const auto found = known_.find(&type); found != known_.end()) return found->second;
    const bool holds =
        (type.element != nullptr && hold(*type.element, depth - 1)) ||
        std::any_of(type.fields.begin(), type.fields.end(), [&](const types::Field& field) {
          return hold(*field.type, depth - 1);
        });
    known_.emplace(&type, holds);
    return holds;
  }

  // Whether a value of type `given` would bring a secret to a place of type `wanted` that isn't
  // one.
  bool leak(const Type& given, const Type& wanted, int depth = k_max_type_depth) {
    if (depth == 0 || !hold(given)) return false;
    if (given.kind == TypeKind::optional) return leak(*given.element, wanted, depth - 1);
    if (wanted.kind == TypeKind::optional) return leak(given, *wanted.element, depth - 1);
    if (wanted.kind == TypeKind::secret) return false;
    const bool same = given.kind == wanted.kind;
    if (same && given.element != nullptr && wanted.element != nullptr)
      return leak(*given.element, *wanted.element, depth - 1);
    if (!same || given.kind != TypeKind::object) return !hold(wanted);
    return std::any_of(given.fields.begin(), given.fields.end(), [&](const types::Field& field) {
      const types::Field* place = types::find_field(wanted, field.name);
      return place != nullptr && leak(*field.type, *place->type, depth - 1);
    });
  }

 private:
  std::map<const Type*, bool> known_;
};

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

void say_lost(const Span& span, const std::string& what, Report& report) {
  report.error(code::secret_shown,
               span,
               "this puts a secret where it is no longer known as one: " + what,
               "declare the field as `secret`, or as optional<secret>");
}

void check_seen(const Facts& facts, SecretTypes& secrets, Report& report) {
  for_each_program(facts.machine, [&](const UsedProgram& used) {
    const std::string place = seen_in(used.use);
    if (place.empty() || !secrets.hold(*expr::type_of(used.program))) return;
    report.error(code::secret_shown,
                 used.span,
                 "this would show a secret in " + place,
                 "leave it out: a secret is used in `with` of a call, and kept in data of type "
                 "secret");
  });
}

types::TypeRef data_of_event(const Unit& unit, const std::string& event) {
  const auto known = unit.events.find(event);
  return known == unit.events.end() || known->second.data == nullptr ? types::dyn_type()
                                                                     : known->second.data;
}

types::TypeRef input_of_workflow(const Unit& unit, const std::string& workflow) {
  const auto known = unit.library.workflows.find(workflow);
  return known == unit.library.workflows.end() ? nullptr : known->second.input;
}

void check_passed(const Facts& facts,
                  const machine::Action& action,
                  SecretTypes& secrets,
                  Report& report) {
  using machine::ActionKind;
  if (action.value == nullptr) return;
  const bool sends = action.kind == ActionKind::raise || action.kind == ActionKind::send;
  const types::TypeRef wanted = sends ? data_of_event(facts.unit, action.name)
                                : action.kind == ActionKind::start
                                    ? input_of_workflow(facts.unit, action.name)
                                    : nullptr;
  if (wanted != nullptr && secrets.leak(*expr::type_of(*action.value), *wanted))
    say_lost(action.span,
             (sends ? "the data of `" : "the input of `") + action.name + "` doesn't declare it",
             report);
}

void check_kept(const Facts& facts, SecretTypes& secrets, Report& report) {
  for_each_action(facts.machine, [&](const machine::Action& action) {
    check_passed(facts, action, secrets, report);
    for (const machine::Assignment& assignment : action.set) {
      if (assignment.type != nullptr &&
          secrets.leak(*expr::type_of(*assignment.value), *assignment.type))
        say_lost(
            assignment.span, "`" + assignment.path.front().field + "` is not declared so", report);
    }
  });
  for (const machine::InvokeDecl& invoke : facts.machine.invokes) {
    if (invoke.input == nullptr) continue;
    std::vector<std::string> names = invoke.one_of;
    const types::Value* name =
        invoke.workflow == nullptr ? nullptr : expr::constant_of(*invoke.workflow);
    if (names.empty() && name != nullptr && name->is_string()) names = {name->as_string()};
    for (const std::string& child : names) {
      const types::TypeRef wanted = input_of_workflow(facts.unit, child);
      if (wanted == nullptr || !secrets.leak(*expr::type_of(*invoke.input), *wanted)) continue;
      say_lost(invoke.span, "the input of `" + child + "` doesn't declare it", report);
      break;
    }
  }
}

}  // namespace

void check_secrets(const Facts& facts, Report& report) {
  SecretTypes secrets;
  check_seen(facts, secrets, report);
  check_kept(facts, secrets, report);
}

}  // namespace vozex::language

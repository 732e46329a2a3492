// SPDX-License-Identifier: Apache-2.0
//
// What a workflow asks of adapters and of other workflows: finding them in the library, and their
// inputs and results.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/language/keys.h"
#include "engine/language/unit.h"
#include "engine/language/values.h"

namespace vozex::language {

// "payments.refund" -> its declaration; reports unknown adapters and operations with the nearest.
machine::OperationRef find_operation(Unit& unit, const Node& name);

// The declared input of a call from `with`, which may be missing when nothing is needed. `with` may
// be null.
expr::ProgramRef compile_call_input(Unit& unit,
                                    const machine::OperationDecl& operation,
                                    const Node* with,
                                    const Span& owner,
                                    const Place& place);

// Settings that an invoked call and a call action share: with, timeout, retry, idempotency_key,
// compensate.
machine::CallDecl compile_call(Unit& unit,
                               const Node& call,
                               const Fields& fields,
                               const Place& place);

// Codes that every call may fail with, whatever its operation declares: those of ports/adapter.h.
std::vector<std::string> general_call_errors();
// What `error` is after a call: its code one of those the operation declares and the general ones.
types::TypeRef call_error_type(const machine::OperationDecl& operation);

// A workflow that can be invoked, reported when no file defines it.
const WorkflowOutline* find_workflow(Unit& unit, const std::string& name, const Span& span);

// What several children take (the fields of all; each must accept the same types) and what their
// results share.
types::TypeRef input_of_all(const std::vector<const WorkflowOutline*>& children);
types::TypeRef output_of_all(const std::vector<const WorkflowOutline*>& children);

// The names that `workflow:` and `one_of:` give, and where, without reporting. An entry
// `fulfillment_<item.driver>` gives one for each option of that field, an enum of a named type;
// what can't be read so stays as it is, and is no workflow.
struct ChildName {
  std::string name;
  Span span;
};
std::vector<ChildName> child_names(const Unit& unit, const Node& invoke);

}  // namespace vozex::language

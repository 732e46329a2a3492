// SPDX-License-Identifier: Apache-2.0
#include "engine/step/family.h"

#include <algorithm>

namespace vozex::stepping {

using machine::InvokeDecl;
using machine::InvokeKind;

namespace {

std::uint32_t room(const Run& run) {
  return run.next.parent ? run.next.parent->room : machine::k_max_family;
}

}  // namespace

unsigned generation(const Run& run) { return run.next.parent ? run.next.parent->depth : 0u; }

std::uint32_t room_of_child(const Run& run, std::size_t items) {
  const auto invokes = static_cast<std::size_t>(
      std::count_if(run.machine.invokes.begin(), run.machine.invokes.end(), [](const auto& decl) {
        return decl.kind == InvokeKind::workflow;
      }));
  const std::size_t part = room(run) / std::max<std::size_t>(invokes, 1);
  return part < items ? 0 : static_cast<std::uint32_t>((part - items) / items);
}

Executed may_have_children(const Run& run, const InvokeDecl& decl, std::size_t items) {
  if (decl.kind != InvokeKind::workflow || items == 0) return {};
  if (generation(run) >= machine::k_max_family_depth) {
    return failed("children_too_deep",
                  "invoke " + decl.id + ": this instance is of generation " +
                      std::to_string(generation(run)) +
                      " below its root, the last that may be; does a workflow start itself?");
  }
  if (items > room(run)) {
    return failed("family_too_large",
                  "invoke " + decl.id + ": " + std::to_string(items) + " children, " +
                      std::to_string(room(run)) + " is what this instance has left of the " +
                      std::to_string(machine::k_max_family) +
                      " that its root shares out; does a workflow start itself?");
  }
  return {};
}

}  // namespace vozex::stepping

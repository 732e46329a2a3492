// SPDX-License-Identifier: Apache-2.0
#include "engine/step/kept.h"

namespace vozex::stepping {
namespace {

// As many of these as there may be are no more than all may weigh: they are not weighed together.
constexpr std::size_t k_small = k_max_kept_bytes / machine::k_max_deferred;

constexpr std::size_t k_small_item = k_max_invoked_bytes / machine::k_max_items;

std::size_t weight(const machine::Event& event) {
  std::size_t bytes = types::weight(event.data);
  const auto add = [&bytes](const auto& cause) {
    if constexpr (requires { cause.result; })
      bytes += types::weight(cause.result) + types::weight(cause.error.details);
  };
  std::visit(add, event.cause);
  return bytes;
}

bool has_room_for(const Run& run, std::size_t bytes) {
  if (bytes <= k_small) return true;
  for (const machine::Event& event : run.next.deferred) bytes += weight(event);
  for (const machine::Event& event : run.next.queued) bytes += weight(event);
  for (const machine::PendingSend& send : run.next.sends) bytes += types::weight(send.data);
  return bytes <= k_max_kept_bytes;
}

}  // namespace

std::size_t weight(const machine::InvokedItem& item) {
  return types::weight(item.item) + types::weight(item.result) + types::weight(item.error.details) +
         item.error.code.size() + item.error.message.size();
}

std::size_t invoked_bytes(const Run& run) {
  std::size_t bytes = 0;
  for (const machine::Invocation& invocation : run.next.invocations) {
    for (const machine::InvokedItem& item : invocation.items) bytes += weight(item);
  }
  return bytes;
}

bool has_room_for(const Run& run,
                  const machine::InvokedItem& before,
                  const machine::InvokedItem& after) {
  const std::size_t bytes = weight(after);
  return bytes <= k_small_item ||
         invoked_bytes(run) - weight(before) + bytes <= k_max_invoked_bytes;
}

bool has_room_for(const Run& run, const Value& data) {
  return has_room_for(run, types::weight(data));
}

bool has_room_for(const Run& run, const machine::Event& event) {
  return has_room_for(run, weight(event));
}

machine::Event without_result(const machine::Event& event, const machine::ChildEnded& ended) {
  machine::ChildEnded failed = ended;
  failed.ok = false;
  failed.result = Value();
  failed.error = {};
  failed.error.code = "results_too_large";
  failed.error.message = "child " + ended.child.text() + (ended.ok ? " succeeded" : " failed") +
                         " while the instance was held, but what it gave has " +
                         std::to_string(weight(event)) +
                         " bytes, and all that waits in an instance at most " +
                         std::to_string(k_max_kept_bytes) + ": its own row has it";
  machine::Event queued = event;
  queued.cause = std::move(failed);
  return queued;
}

}  // namespace vozex::stepping

// SPDX-License-Identifier: Apache-2.0
#include "engine/step/kept.h"

namespace vozex::stepping {
namespace {

// As many of these as there may be are no more than all may weigh: they are not weighed together.
constexpr std::size_t k_small = k_max_kept_bytes / machine::k_max_deferred;

}  // namespace

bool has_room_for(const Run& run, const Value& data) {
  std::size_t bytes = types::weight(data);
  if (bytes <= k_small) return true;
  for (const machine::Event& event : run.next.deferred) bytes += types::weight(event.data);
  for (const machine::Event& event : run.next.queued) bytes += types::weight(event.data);
  for (const machine::PendingSend& send : run.next.sends) bytes += types::weight(send.data);
  return bytes <= k_max_kept_bytes;
}

}  // namespace vozex::stepping

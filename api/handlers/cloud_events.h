// SPDX-License-Identifier: Apache-2.0
//
// CloudEvents 1.0 over HTTP (https://github.com/cloudevents/spec, http-protocol-binding.md) ->
// machine events: the structured, binary and batch forms, and plain JSON with the same members (or
// a list of them). Extension attributes are allowed and dropped. Thread rule: pure. Tests:
// tests/unit/handlers.
#pragma once

#include <vector>

#include "api/handlers/body.h"

namespace vozex::handlers {

inline constexpr std::size_t k_max_events = 100;  // of one batch

struct EventBatch {
  std::vector<machine::Event> events;
  bool is_batch = false;  // the answer is a list then
};

// Times default to `now`. Refusals: 413 too many, 415 a form we don't know, 422 with a pointer for
// each fault.
Asked<EventBatch> read_cloud_events(const http::Request& request, Timestamp now);

}  // namespace vozex::handlers

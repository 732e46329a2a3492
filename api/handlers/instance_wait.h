// SPDX-License-Identifier: Apache-2.0
//
// GET of one instance with `wait`: the answer comes when the instance is over, or has gone on from
// where the client knows it (`after`, a seq), at the latest when the time is up; then it shows the
// instance as it is. A commit of this process wakes who waits. While other processes live, theirs
// are found by looking again, after 1, 3, 7... seconds, few at a time (k_max_looks). Thread rule:
// any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

#include "api/handlers/body.h"
#include "api/handlers/services.h"

namespace vozex::handlers {

// Less than a server lets a request take (http::ServerLimits::answer_time), and than most proxies.
inline constexpr std::chrono::seconds k_max_wait{50};

struct WaitOrder {
  std::chrono::milliseconds patience{0};
  std::optional<std::uint32_t> after;  // none: until it is over
};
// None when the request does not ask to wait; 422 when it can't be understood.
Asked<std::optional<WaitOrder>> wait_of(const http::Request& request);

// One instance, however it was named.
struct Lookup {
  Changes::Topic topic;
  std::function<Result<std::optional<runtime::InstanceView>>()> find;  // may block
  std::string name;                                                    // for who asks
};
// What was found as an answer: 200, 404, or what the store says.
http::Response show(const Lookup& lookup,
                    const Result<std::optional<runtime::InstanceView>>& found);

// Answers at once, 404 or with an error, when there is nothing to wait for; 429 when too many wait.
void answer_when_due(const Services& services,
                     Lookup lookup,
                     const WaitOrder& order,
                     http::Responder respond);

}  // namespace vozex::handlers

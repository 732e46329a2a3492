// SPDX-License-Identifier: Apache-2.0
#include "api/handlers/instance_wait.h"

#include <charconv>

#include "api/handlers/instance_value.h"
#include "api/handlers/watch.h"
#include "engine/base/time.h"

namespace vozex::handlers {
namespace {

class InstanceWatch : public Watch {
 public:
  InstanceWatch(const Services& services,
                Lookup lookup,
                const WaitOrder& order,
                http::Responder respond)
      : Watch(
            *services.changes, *services.workers, lookup.topic, order.patience, std::move(respond)),
        lookup_(std::move(lookup)),
        after_(order.after) {}

 private:
  Seen look() override {
    const auto found = lookup_.find();
    if (found && *found && !is_due((*found)->row.life, (*found)->row.seq)) return std::nullopt;
    return show(lookup_, found);
  }

  http::Response last_look() override { return show(lookup_, lookup_.find()); }
  http::Response unseen() override { return overloaded(); }

  // As it was committed: nobody needs to ask the store.
  void heard(const runtime::Engine::Change& change) override {
    if (!is_due(change.life, change.seq)) return;
    look_soon([this, view = change.view]() -> Seen {
      return view == nullptr ? look() : answer(200, to_value(*view));
    });
  }

  bool is_due(machine::Life life, std::uint32_t seq) const {
    return machine::is_ended(life) || (after_ && seq > *after_);
  }

  const Lookup lookup_;
  const std::optional<std::uint32_t> after_;
};

}  // namespace

Asked<std::optional<WaitOrder>> wait_of(const http::Request& request) {
  const auto wait = request.query_value("wait");
  const auto after = request.query_value("after");
  if (!wait && !after) return std::nullopt;
  if (!wait) return bad_query("Expected `wait` beside `after`, such as wait=10s.");
  WaitOrder order;
  const auto patience = parse_duration(*wait);
  if (!patience || *patience <= Duration{0} || *patience > k_max_wait) {
    return bad_query("Expected `wait` to be a duration of at most " + format_duration(k_max_wait) +
                     ", such as 10s, got \"" + *wait + "\". To wait longer, ask again.");
  }
  order.patience = std::chrono::ceil<std::chrono::milliseconds>(*patience);
  if (!after) return order;
  std::uint32_t seq = 0;
  const auto [end, error] = std::from_chars(after->data(), after->data() + after->size(), seq);
  if (error != std::errc() || end != after->data() + after->size()) {
    return bad_query("Expected `after` to be the seq of the instance as you know it, got \"" +
                     *after + "\".");
  }
  order.after = seq;
  return order;
}

http::Response show(const Lookup& lookup,
                    const Result<std::optional<runtime::InstanceView>>& found) {
  if (!found) return http::problem(found.error());
  if (*found) return answer(200, to_value(**found));
  return http::problem(Error{ErrorClass::not_found,
                             "instance_not_found",
                             "There is no instance " + lookup.name + ".",
                             {}});
}

void answer_when_due(const Services& services,
                     Lookup lookup,
                     const WaitOrder& order,
                     http::Responder respond) {
  if (services.changes->is_full()) {
    return respond(http::problem(Error{ErrorClass::unavailable,
                                       "too_many_waiting",
                                       "Too many requests wait for an instance. Try again in a "
                                       "moment, or ask without `wait`.",
                                       {}}));
  }
  std::make_shared<InstanceWatch>(services, std::move(lookup), order, std::move(respond))->begin();
}

}  // namespace vozex::handlers

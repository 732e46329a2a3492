// SPDX-License-Identifier: Apache-2.0
#include "api/handlers/instance_wait.h"

#include <algorithm>
#include <charconv>
#include <mutex>

#include "api/handlers/instance_value.h"
#include "engine/base/time.h"

namespace vozex::handlers {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// The first pause between two looks for what another process has done, should there be one; the
// next are twice as long.
constexpr milliseconds k_first_look{1000};

class InstanceWait : public std::enable_shared_from_this<InstanceWait> {
 public:
  InstanceWait(const Services& services,
               Lookup lookup,
               const WaitOrder& order,
               http::Responder respond)
      : services_(services),
        lookup_(std::move(lookup)),
        after_(order.after),
        until_(Clock::now() + order.patience),
        respond_(std::move(respond)) {}

  void begin() {
    if (!follow()) return;
    run_or_refuse(*services_.workers, responder(), [self = shared_from_this()] { self->look(); });
  }

 private:
  // Whatever happens from now on wakes us; a follower from before does so until this one is there.
  // False when it is answered.
  bool follow() {
    milliseconds patience{};
    std::size_t round = 0;
    {
      const std::lock_guard lock(mutex_);
      if (answered_) return false;
      round = ++round_;
      patience = std::min(pause_, std::chrono::ceil<milliseconds>(until_ - Clock::now()));
      pause_ *= 2;
    }
    auto self = shared_from_this();
    auto follower = services_.changes->follow(
        lookup_.topic,
        patience,
        [self](const runtime::Engine::Change& change) {
          if (self->is_due(change.life, change.seq)) self->show_soon(change.view);
        },
        [self] { self->on_pause(); });
    const std::lock_guard lock(mutex_);
    // It may have expired, and the next be there.
    if (!answered_ && round_ == round) follower_ = std::move(follower);
    return true;
  }

  void on_pause() {
    if (services_.changes->is_closed() || Clock::now() >= until_) {
      run_or_refuse(*services_.workers, responder(), [self = shared_from_this()] {
        self->answer(show(self->lookup_, self->lookup_.find()));
      });
    } else if (follow() && services_.changes->take_look()) {
      const bool runs = services_.workers->run([self = shared_from_this()] {
        self->look();
        self->services_.changes->give_look();
      });
      if (!runs) services_.changes->give_look();
    }
  }

  // As it was committed: nobody needs to ask the store.
  void show_soon(const std::shared_ptr<const runtime::InstanceView>& view) {
    if (view == nullptr) return look_soon();
    services_.workers->run([self = shared_from_this(), view] {
      self->answer(handlers::answer(200, to_value(*view)));
    });
  }

  // When the workers are too busy, the next look or the end of the time finds it.
  void look_soon() {
    services_.workers->run([self = shared_from_this()] { self->look(); });
  }

  void look() {
    {
      const std::lock_guard lock(mutex_);
      if (answered_) return;
    }
    const auto found = lookup_.find();
    if (found && *found && !is_due((*found)->row.life, (*found)->row.seq)) return;
    answer(show(lookup_, found));
  }

  bool is_due(machine::Life life, std::uint32_t seq) const {
    return machine::is_ended(life) || (after_ && seq > *after_);
  }

  http::Responder responder() {
    return
        [self = shared_from_this()](http::Response response) { self->answer(std::move(response)); };
  }

  void answer(http::Response response) {
    std::shared_ptr<Changes::Follower> done;
    {
      const std::lock_guard lock(mutex_);
      if (answered_) return;
      answered_ = true;
      done = std::move(follower_);
    }
    respond_(std::move(response));
  }

  const Services& services_;
  const Lookup lookup_;
  const std::optional<std::uint32_t> after_;
  const Clock::time_point until_;
  const http::Responder respond_;
  std::mutex mutex_;  // guards what follows
  bool answered_ = false;
  std::size_t round_ = 0;
  milliseconds pause_ = k_first_look;
  std::shared_ptr<Changes::Follower> follower_;
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
  order.patience = std::chrono::ceil<milliseconds>(*patience);
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
  std::make_shared<InstanceWait>(services, std::move(lookup), order, std::move(respond))->begin();
}

}  // namespace vozex::handlers

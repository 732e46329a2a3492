// SPDX-License-Identifier: Apache-2.0
#include "api/handlers/checkout_wait.h"

#include <mutex>

#include "api/handlers/body.h"
#include "engine/types/json.h"

namespace vozex::handlers {
namespace {

constexpr std::chrono::seconds k_patience{10};
constexpr std::size_t k_max_tree = 100;  // instances of one order that are looked at for a page

// One client who waits for one order.
class Wait : public std::enable_shared_from_this<Wait> {
 public:
  Wait(const Services& services, PlacedOrder order, http::Responder respond)
      : services_(services), order_(std::move(order)), respond_(std::move(respond)) {}

  // Follow first, then look: whatever happens after the look wakes us.
  void begin() {
    auto self = shared_from_this();
    auto follower = services_.changes->follow(
        Changes::tree(order_.root),
        k_patience,
        [self](const runtime::Engine::Change& change) {
          if (change.seq > 1) self->look_soon();  // the first step of an instance has no page yet
        },
        [self] { self->answer_with({}, 202); });
    {
      const std::lock_guard lock(mutex_);
      if (!answered_) follower_ = std::move(follower);
    }
    look_soon();
  }

 private:
  void look_soon() {
    // When the workers are too busy the deadline answers.
    services_.workers->run([self = shared_from_this()] { self->look(); });
  }

  void look() {
    {
      const std::lock_guard lock(mutex_);
      if (answered_) return;
    }
    ports::InstanceFilter tree;
    tree.tenant = k_tenant;
    tree.root = order_.root;
    const auto rows = services_.queries->instances(tree, k_max_tree);
    if (!rows) return;  // the deadline answers
    Page page;
    bool waits = true;
    bool looked_at = false;  // by people, before there is a page
    for (const ports::InstanceRow& row : *rows) {
      if (row.workflow == k_order_workflow && row.key == order_.order_id) {
        page.instance = row.id.text();
        page.status = row.status;
        waits = (row.state == "paying" || row.state == "subscribing") && !row.incident;
        continue;
      }
      if (row.id == order_.root && row.status == "coupon_used_up") return refuse(coupon_used_up());
      const auto data = types::parse_json(row.data);
      if (!data || !data->is_map()) continue;
      if (const auto text = data->text_at("checkout_url"); !text.empty()) page.url = text;
      if (const auto text = data->text_at("failure"); !text.empty()) page.failure = text;
      looked_at = looked_at || row.status == "review";
    }
    if (page.url.empty() && waits && !looked_at) return;
    if (!page.url.empty()) page.failure.clear();  // of an attempt before
    answer_with(page, !page.failure.empty() ? 202 : order_.again ? 200 : 201);
  }

  void refuse(http::Response response) {
    if (is_first()) respond_(std::move(response));
  }

  // Who may answer: once.
  bool is_first() {
    std::shared_ptr<Changes::Follower> done;  // ends after the lock
    const std::lock_guard lock(mutex_);
    if (answered_) return false;
    answered_ = true;
    done = std::move(follower_);
    return true;
  }

  // What is known of the order so far.
  struct Page {
    std::string instance;
    std::string status;
    std::string url;
    std::string failure;  // why there is no page, when that is known
  };

  void answer_with(const Page& page, unsigned code) {
    if (!is_first()) return;
    const std::string self =
        "/v1/instances/" + (page.instance.empty() ? order_.root.text() : page.instance);
    Object links;
    links.text("instance", self).text("history", self + "/history").text("checkout", page.url);
    http::Response response =
        answer(code,
               Object()
                   .text("order_id", order_.order_id)
                   .text("instance", self.substr(self.rfind('/') + 1))
                   .text("status", page.status.empty() ? "awaiting_payment" : page.status)
                   .text("checkout_url", page.url)
                   .text("failure", page.failure)
                   .put("links", links.done())
                   .done());
    response.headers.emplace_back("location", self);
    if (order_.again) response.headers.emplace_back("idempotency-replayed", "true");
    respond_(std::move(response));
  }

  const Services& services_;
  const PlacedOrder order_;
  const http::Responder respond_;
  std::mutex mutex_;  // guards what follows
  bool answered_ = false;
  std::shared_ptr<Changes::Follower> follower_;
};

}  // namespace

http::Response coupon_used_up() {
  return http::problem(Error{ErrorClass::conflict,
                             "coupon_used_up",
                             "The coupon of this quote was used up meanwhile. Ask for a new quote "
                             "without it.",
                             {}});
}

void answer_with_page(const Services& services, PlacedOrder order, http::Responder respond) {
  std::make_shared<Wait>(services, std::move(order), std::move(respond))->begin();
}

}  // namespace vozex::handlers

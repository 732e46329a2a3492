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
        order_.root,
        k_patience,
        [self](const runtime::Engine::Change& change) {
          if (change.seq > 1) self->look_soon();  // the first step of an instance has no page yet
        },
        [self] { self->answer_with("", "", "", 202); });
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
    std::string instance;
    std::string status;
    std::string url;
    bool waits = true;
    for (const ports::InstanceRow& row : *rows) {
      if (row.workflow == k_order_workflow && row.key == order_.order_id) {
        instance = row.id.text();
        status = row.status;
        waits = row.state == "paying" && !row.incident;
        continue;
      }
      const auto data = types::parse_json(row.data);
      if (data && data->is_map() && !data->text_at("checkout_url").empty())
        url = data->text_at("checkout_url");
    }
    if (url.empty() && waits) return;
    answer_with(instance, status, url, order_.again ? 200 : 201);
  }

  void answer_with(const std::string& instance,
                   const std::string& status,
                   const std::string& url,
                   unsigned code) {
    std::shared_ptr<Changes::Follower> done;
    {
      const std::lock_guard lock(mutex_);
      if (answered_) return;
      answered_ = true;
      done = std::move(follower_);
    }
    const std::string self = "/v1/instances/" + (instance.empty() ? order_.root.text() : instance);
    Object links;
    links.text("instance", self).text("history", self + "/history").text("checkout", url);
    http::Response response =
        answer(code,
               Object()
                   .text("order_id", order_.order_id)
                   .text("instance", self.substr(self.rfind('/') + 1))
                   .text("status", status.empty() ? "awaiting_payment" : status)
                   .text("checkout_url", url)
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

void answer_with_page(const Services& services, PlacedOrder order, http::Responder respond) {
  std::make_shared<Wait>(services, std::move(order), std::move(respond))->begin();
}

}  // namespace vozex::handlers

// SPDX-License-Identifier: Apache-2.0
#include "api/handlers/checkout_wait.h"

#include <algorithm>

#include "api/handlers/body.h"
#include "api/handlers/watch.h"
#include "engine/types/json.h"

namespace vozex::handlers {
namespace {

constexpr std::chrono::seconds k_patience{10};
constexpr std::size_t k_max_tree = 100;  // instances of one order that are looked at for a page

// What is known of an order so far.
struct Page {
  std::string instance;
  std::string status;
  std::string url;
  std::string failure;  // why there is no page, when that is known
  bool is_awaited = true;
};

class CheckoutWatch : public Watch {
 public:
  CheckoutWatch(const Services& services, PlacedOrder order, http::Responder respond)
      : Watch(*services.changes,
              *services.workers,
              Changes::tree(order.root),
              k_patience,
              std::move(respond)),
        queries_(*services.queries),
        order_(std::move(order)) {}

 private:
  Seen look() override {
    const auto rows = tree();
    if (!rows) return Failure(rows.error());
    if (has_no_coupon_left(*rows)) return coupon_used_up();
    const Page page = page_of(*rows);
    if (page.is_awaited) return std::nullopt;
    return answer_with(page);
  }

  http::Response last_look() override {
    const auto rows = tree();
    if (!rows) return unseen();
    return has_no_coupon_left(*rows) ? coupon_used_up() : answer_with(page_of(*rows));
  }

  http::Response unseen() override { return answer_with({}); }

  void heard(const runtime::Engine::Change& change) override {
    // The first step of an instance has no page yet.
    if (change.seq > 1) look_soon([this] { return look(); });
  }

  Result<std::vector<ports::InstanceRow>> tree() const {
    ports::InstanceFilter filter;
    filter.tenant = k_tenant;
    filter.root = order_.root;
    return queries_.instances(filter, k_max_tree);
  }

  bool has_no_coupon_left(const std::vector<ports::InstanceRow>& rows) const {
    return std::ranges::any_of(rows, [this](const ports::InstanceRow& row) {
      return row.id == order_.root && row.status == "coupon_used_up";
    });
  }

  Page page_of(const std::vector<ports::InstanceRow>& rows) const {
    Page page;
    bool looked_at = false;  // by people, before there is a page
    for (const ports::InstanceRow& row : rows) {
      if (row.workflow == k_order_workflow && row.key == order_.order_id) {
        page.instance = row.id.text();
        page.status = row.status;
        page.is_awaited = (row.state == "paying" || row.state == "subscribing") && !row.incident;
        continue;
      }
      const auto data = types::parse_json(row.data);
      if (!data || !data->is_map()) continue;
      if (const auto text = data->text_at("checkout_url"); !text.empty()) page.url = text;
      if (const auto text = data->text_at("failure"); !text.empty()) page.failure = text;
      looked_at = looked_at || row.status == "review";
    }
    if (!page.url.empty()) page.failure.clear();  // of an attempt before
    if (!page.url.empty() || looked_at) page.is_awaited = false;
    return page;
  }

  http::Response answer_with(const Page& page) const {
    const bool is_late = page.is_awaited || !page.failure.empty();
    const unsigned code = is_late ? 202 : order_.again ? 200 : 201;
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
    return response;
  }

  ports::QueryStore& queries_;
  const PlacedOrder order_;
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
  std::make_shared<CheckoutWatch>(services, std::move(order), std::move(respond))->begin();
}

}  // namespace vozex::handlers

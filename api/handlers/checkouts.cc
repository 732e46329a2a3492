// SPDX-License-Identifier: Apache-2.0
// POST /v1/checkouts: starts an order and waits, at most k_patience, until its payment has a page
// to pay on. Nothing polls: the engine says when the order's tree has changed. The same order again
// gets the same answer.
#include <mutex>

#include "api/handlers/checkout_input.h"
#include "api/handlers/instance_value.h"
#include "api/handlers/routes.h"
#include "engine/types/json.h"

namespace vozex::handlers {
namespace {

using types::Value;

constexpr std::chrono::seconds k_patience{10};
constexpr const char* k_workflow = "order";
constexpr std::size_t k_max_tree = 100;  // instances of one order that are looked at for a page

// One client who waits for one order.
class Wait : public std::enable_shared_from_this<Wait> {
 public:
  Wait(const Services& services,
       InstanceId order,
       std::string order_id,
       bool again,
       http::Responder respond)
      : services_(services),
        order_(order),
        order_id_(std::move(order_id)),
        again_(again),
        respond_(std::move(respond)) {}

  // Follow first, then look: whatever happens after the look wakes us.
  void begin() {
    auto self = shared_from_this();
    auto follower = services_.changes->follow(
        order_,
        k_patience,
        [self](const runtime::Engine::Change& change) {
          if (change.seq > 1) self->look_soon();  // the first step of an instance has no page yet
        },
        [self] { self->answer_with("", "", 202); });
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
    tree.root = order_;
    const auto rows = services_.queries->instances(tree, k_max_tree);
    if (!rows) return;  // the deadline answers
    std::string state;
    std::string status;
    std::string url;
    bool waits = false;
    for (const ports::InstanceRow& row : *rows) {
      if (row.id == order_) {
        status = row.status;
        state = row.state;
        waits = row.state == "paying" && !row.incident;
        continue;
      }
      const auto data = types::parse_json(row.data);
      if (data && data->is_map() && !data->text_at("checkout_url").empty())
        url = data->text_at("checkout_url");
    }
    if (url.empty() && waits) return;
    answer_with(status, url, again_ ? 200 : 201);
  }

  void answer_with(const std::string& status, const std::string& url, unsigned code) {
    std::shared_ptr<Changes::Follower> done;
    {
      const std::lock_guard lock(mutex_);
      if (answered_) return;
      answered_ = true;
      done = std::move(follower_);
    }
    const std::string self = "/v1/instances/" + order_.text();
    Object links;
    links.text("instance", self).text("history", self + "/history").text("checkout", url);
    http::Response response =
        answer(code,
               Object()
                   .text("order_id", order_id_)
                   .text("instance", order_.text())
                   .text("status", status.empty() ? "awaiting_payment" : status)
                   .text("checkout_url", url)
                   .put("links", links.done())
                   .done());
    response.headers.emplace_back("location", self);
    if (again_) response.headers.emplace_back("idempotency-replayed", "true");
    respond_(std::move(response));
  }

  const Services& services_;
  const InstanceId order_;
  const std::string order_id_;
  const bool again_;
  const http::Responder respond_;
  std::mutex mutex_;  // guards what follows
  bool answered_ = false;
  std::shared_ptr<Changes::Follower> follower_;
};

http::Response taken(const std::string& order_id) {
  return http::problem(
      Error{ErrorClass::conflict,
            "order_exists",
            "There is an order \"" + order_id +
                "\" with other content. Send the same again, or choose another order_id.",
            {}});
}

// The order exists. The same content: a repetition, answered like the first time.
void answer_again(const Services& services,
                  const CheckoutInput& checkout,
                  const http::Responder& respond) {
  const auto view = services.engine->find(k_tenant, k_workflow, checkout.order_id);
  if (!view) return respond(http::problem(view.error()));
  if (!*view) return respond(taken(checkout.order_id));
  const auto input = types::parse_json((*view)->row.input);
  if (!input || !(types::to_json(*input) == types::to_json(checkout.input)))
    return respond(taken(checkout.order_id));
  std::make_shared<Wait>(services, (*view)->row.id, checkout.order_id, true, respond)->begin();
}

void begin(const Services& services, CheckoutInput checkout, const http::Responder& respond) {
  runtime::StartOrder order;
  order.tenant = k_tenant;
  order.workflow = k_workflow;
  order.input = checkout.input;
  order.source = "checkout";
  order.id = checkout.order_id;
  services.engine->start(
      std::move(order), [&services, checkout, respond](Result<runtime::EventAnswer> result) {
        const bool is_new = result && result->disposition == machine::Disposition::created &&
                            !result->deliveries.empty();
        if (is_new) {
          std::make_shared<Wait>(
              services, result->deliveries[0].instance, checkout.order_id, false, respond)
              ->begin();
          return;
        }
        if (!result && result.error().kind != ErrorClass::conflict)
          return respond(http::problem(result.error()));
        run_or_refuse(*services.workers, respond, [&services, checkout, respond] {
          answer_again(services, checkout, respond);
        });
      });
}

// Without an order_id, an Idempotency-Key names the order.
std::string new_order_id(const Services& services, const http::Request& request) {
  const std::string_view key = request.header("idempotency-key");
  if (!key.empty()) return "ord_" + uuid_text(digest128({"order", request.caller, key}));
  return "ord_" + services.random->new_instance_id(services.clock->now()).text();
}

void checkout(const Services& services,
              const http::Request& request,
              const http::Responder& respond) {
  auto body = json_body(request);
  if (!body) return respond(std::move(body.error()));
  auto input = checkout_input(*body, new_order_id(services, request));
  if (!input) return respond(std::move(input.error()));
  const machine::MachineRef machine = services.engine->newest(k_workflow);
  if (!machine) {
    return respond(http::problem(Error{ErrorClass::unavailable,
                                       "workflow_not_found",
                                       "No workflow \"order\" is deployed here.",
                                       {}}));
  }
  auto checked = types::validate(input->input, *machine->input, types::Unknown::refuse);
  if (!checked) return respond(invalid_body(checked.error()));
  input->input = *std::move(checked);
  begin(services, *std::move(input), respond);
}

}  // namespace

void add_checkouts(http::Router& router, const Services& services) {
  router.add({"POST",
              "/v1/checkouts",
              once_at_a_time(services.in_flight,
                             [&services](http::Request request, http::Responder respond) {
                               checkout(services, request, respond);
                             }),
              false,
              http::k_default_body_limit});
}

}  // namespace vozex::handlers

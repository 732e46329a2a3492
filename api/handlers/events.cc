// SPDX-License-Identifier: Apache-2.0
// POST /v1/events and /v1/events:explain: CloudEvents 1.0 or plain JSON, one or up to 100. The
// answer comes after the commit and says per event what became of it; a read that follows sees it.
#include <mutex>

#include "api/handlers/body.h"
#include "api/handlers/cloud_events.h"
#include "api/handlers/instance_value.h"
#include "api/handlers/routes.h"

namespace vozex::handlers {
namespace {

using runtime::EventAnswer;
using types::Value;

// {id, problem: {code, detail, errors?}}: an event of a batch that was not taken.
Value refused_value(const std::string& id, const Error& error) {
  Value::List faults;
  for (const ErrorDetail& detail : error.details) {
    if (!http::is_pointer(detail.name)) continue;
    faults.push_back(Object().text("pointer", detail.name).text("detail", detail.text).done());
  }
  Object problem;
  problem.text("code", error.code)
      .text("detail", error.message)
      .number("status", http::status_of(error));
  if (!faults.empty()) problem.put("errors", Value::list(std::move(faults)));
  return Object().text("id", id).text("outcome", "refused").put("problem", problem.done()).done();
}

// The transitions that were looked at, what became of each, and the values that their guards saw.
Value guards_value(const runtime::Delivery& delivery) {
  Value::List considered;
  for (const machine::Considered& one : delivery.considered) {
    considered.push_back(Object()
                             .text("state", one.state)
                             .text("event", one.event)
                             .text("when", one.when)
                             .text("result", one.result)
                             .number("line", one.line)
                             .done());
  }
  return Object()
      .put("considered", Value::list(std::move(considered)))
      .put("values", delivery.seen)
      .done();
}

// One event that the only instance it concerns rejected: why, and what it would have taken.
http::Response not_accepted(const Services& services,
                            const std::string& caller,
                            const machine::Event& event,
                            const EventAnswer& answer) {
  const runtime::Delivery& delivery = answer.deliveries.front();
  Error error{ErrorClass::refused,
              "event_not_accepted",
              event.name + " is not accepted by " + delivery.workflow + " \"" + delivery.key +
                  "\" in state " + delivery.from +
                  (delivery.note.empty() ? "." : ": " + delivery.note + "."),
              {}};
  Value extra = explain_refusal(services, delivery.instance, machine::Actor{caller, {"ops"}});
  return http::problem(error, extra.with("guards", guards_value(delivery)));
}

// POST /v1/events:explain: what would become of it, and why; nothing is written.
http::Response explain(const Services& services, const http::Request& request) {
  auto batch = read_cloud_events(request, services.clock->now());
  if (!batch) return std::move(batch.error());
  if (batch->is_batch) {
    return http::problem(Error{
        ErrorClass::invalid, "invalid_body", "Expected one event to explain, got a batch.", {}});
  }
  const auto prediction = services.engine->explain(std::move(batch->events[0]));
  if (!prediction) return http::problem(prediction.error());
  Value value = runtime::to_value(prediction->answer).with("steps", prediction->steps);
  value = value.with("messages", prediction->messages);
  Value::List refused;
  for (const runtime::Delivery& delivery : prediction->answer.deliveries) {
    if (delivery.disposition != machine::Disposition::rejected) continue;
    refused.push_back(Object()
                          .text("instance", delivery.instance.text())
                          .put("guards", guards_value(delivery))
                          .done());
  }
  if (!refused.empty()) value = value.with("refused", Value::list(std::move(refused)));
  return answer(200, value);
}

void post_one(const Services& services,
              const std::string& caller,
              machine::Event event,
              const http::Responder& respond) {
  auto kept = std::make_shared<machine::Event>(event);
  services.engine->post(
      std::move(event), [&services, caller, kept, respond](Result<EventAnswer> result) {
        if (!result) return respond(http::problem(result.error()));
        if (result->disposition != machine::Disposition::rejected || result->deliveries.empty()) {
          const unsigned status = result->disposition == machine::Disposition::waiting ? 202 : 200;
          return respond(http::Response::json(status, runtime::to_json(*result)));
        }
        run_or_refuse(
            *services.workers, respond, [&services, caller, kept, respond, result = *result] {
              respond(not_accepted(services, caller, *kept, result));
            });
      });
}

// The answers of a batch, in the order of its events, once the last one is there.
struct Collector {
  std::mutex mutex;  // guards what follows
  Value::List answers;
  std::size_t missing = 0;
  http::Responder respond;

  void take(std::size_t index, Value value) {
    bool last = false;
    {
      const std::lock_guard lock(mutex);
      answers[index] = std::move(value);
      last = --missing == 0;
    }
    if (last) respond(answer(200, Value::list(std::move(answers))));
  }
};

void post_all(const Services& services, EventBatch batch, http::Responder respond) {
  if (batch.events.empty()) return respond(answer(200, Value::list({})));
  auto collector = std::make_shared<Collector>();
  collector->answers.resize(batch.events.size());
  collector->missing = batch.events.size();
  collector->respond = std::move(respond);
  std::vector<runtime::Engine::Posting> postings;
  postings.reserve(batch.events.size());
  for (std::size_t i = 0; i < batch.events.size(); ++i) {
    const std::string id = batch.events[i].id;
    postings.push_back({std::move(batch.events[i]), [collector, i, id](Result<EventAnswer> result) {
                          collector->take(i,
                                          result ? runtime::to_value(*result)
                                                 : refused_value(id, result.error()));
                        }});
  }
  services.engine->post(std::move(postings));
}

}  // namespace

void add_events(http::Router& router, const Services& services) {
  router.add({"POST",
              "/v1/events",
              [&services](const http::Request& request, http::Responder respond) {
                auto batch = read_cloud_events(request, services.clock->now());
                if (!batch) return respond(std::move(batch.error()));
                if (batch->is_batch)
                  return post_all(services, *std::move(batch), std::move(respond));
                post_one(services, request.caller, std::move(batch->events[0]), respond);
              },
              false,
              4u << 20});
  router.add(
      {"POST",
       "/v1/events:explain",
       blocking(*services.workers,
                [&services](const http::Request& request) { return explain(services, request); }),
       false,
       4u << 20});
}

}  // namespace vozex::handlers

// SPDX-License-Identifier: Apache-2.0
#include "api/sandbox/core.h"

#include <algorithm>

#include "api/sandbox/checkout_page.h"
#include "engine/base/assert.h"

namespace vozex::sandbox {
namespace {

constexpr int k_max_copies = 100;
constexpr int k_max_delay_ms = 3'600'000;
constexpr int k_chaos_delay_ms = 500;

Outgoing not_found() { return error_answer({404, "NOT_FOUND", "there is no such thing here"}); }

Outgoing invalid(std::string message) {
  return error_answer({422, "INVALID_REQUEST_BODY", std::move(message)});
}

int int_of(const json& body, const char* name, int otherwise, int most) {
  const auto found = body.is_object() ? body.find(name) : body.end();
  if (!body.is_object() || found == body.end() || !found->is_number_integer()) return otherwise;
  return static_cast<int>(std::clamp<std::int64_t>(found->get<std::int64_t>(), 0, most));
}

// "a/b/c" after the prefix as its segments.
std::vector<std::string> segments(std::string_view path) {
  std::vector<std::string> out;
  while (!path.empty()) {
    const auto slash = path.find('/');
    out.emplace_back(path.substr(0, slash));
    path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
  }
  return out;
}

}  // namespace

Outgoing json_answer(int status, const json& body) {
  Outgoing answer;
  answer.status = status;
  answer.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
  return answer;
}

Outgoing error_answer(const ApiError& error) {
  return json_answer(error.status, {{"code", error.code}, {"message", error.message}});
}

Core::Core(SandboxOptions options)
    : options_(std::move(options)),
      webhook_url_(options_.webhook_url),
      world_(options_.prices),
      deliveries_(options_.webhook_secret) {}

Outgoing Core::handle(const Incoming& request, Timestamp now) {
  if (request.path.starts_with("/sandbox/")) return control(request, now);
  if (request.path.starts_with("/checkout/")) return page(request, now);
  return gateway(request, now);
}

Outgoing Core::control(const Incoming& request, Timestamp now) {
  const auto parts = segments(std::string_view(request.path).substr(9));
  const bool get = request.method == "GET";
  const bool post = request.method == "POST";
  const json body =
      request.body.empty() ? json::object() : json::parse(request.body, nullptr, false);
  if (body.is_discarded()) return invalid("expected a JSON object");
  if (parts.size() == 1) {
    const std::string& what = parts[0];
    if (get && what == "requests") return json_answer(200, journal_.list(request.query));
    if (get && what == "deliveries") return json_answer(200, deliveries_.list(request.query));
    if (get && what == "checkouts") return list_sessions(request.query);
    if (get && what == "health") {
      return json_answer(200,
                         {{"ok", true},
                          {"requests", journal_.count()},
                          {"deliveries", deliveries_.count()},
                          {"pending_deliveries", deliveries_.pending()},
                          {"webhook_url", webhook_url_}});
    }
    if (what == "faults") {
      if (request.method == "DELETE") faults_.clear();
      if (post) {
        if (const auto wrong = faults_.add(body)) return invalid(*wrong);
      }
      return json_answer(200, {{"faults", faults_.list()}});
    }
    if (post && what == "webhook") {
      if (!body.is_object() || !body.value("url", json()).is_string())
        return invalid("expected url");
      webhook_url_ = body["url"].get<std::string>();
      return json_answer(200, {{"url", webhook_url_}});
    }
  }
  if (post && parts.size() == 3 && parts[0] == "checkouts")
    return buyer(parts[1], parts[2], body, now);
  if (post && parts.size() == 3 && parts[0] == "payments" && parts[2] == "dispute")
    return dispute(parts[1], body, now);
  return not_found();
}

Outgoing Core::list_sessions(const Filter& filter) const {
  json out = json::array();
  const auto limit = limit_of(filter);
  for (const auto& session : world_.sessions()) {
    if (out.size() == limit) break;
    if (!passes(filter, session.metadata, {}, "", 0)) continue;
    json shown = world_.session_json(session);
    shown["metadata"] = session.metadata;
    shown["amount"] = session.amount;
    shown["currency"] = session.currency;
    shown["payments"] = session.payments;
    out.push_back(std::move(shown));
  }
  return json_answer(200, {{"checkouts", std::move(out)}});
}

Outgoing Core::dispute(const std::string& payment_id, const json& body, Timestamp now) {
  const auto state = body.is_object() ? body.value("state", json("opened")) : json("opened");
  const auto dispute =
      world_.dispute(payment_id, state.is_string() ? state.get<std::string>() : "", now);
  if (!dispute) return error_answer(dispute.error());
  owe("dispute." + state.get<std::string>(),
      payment_id,
      world_.payment(payment_id)->metadata,
      now,
      std::chrono::milliseconds(0));
  return json_answer(200, *dispute);
}

const Payment& Core::attempt(const Session& session, const std::string& status, Timestamp now) {
  Attempt attempt{status, session.amount, session.currency};
  if (status == "succeeded") {
    if (const auto fault = faults_.take(FaultKind::wrong_amount, session.metadata)) {
      attempt.amount += fault->rule.value("by", 100);
    }
    if (const auto fault = faults_.take(FaultKind::wrong_currency, session.metadata)) {
      attempt.currency = fault->rule.value("currency", "XTS");
    }
  }
  return world_.attempt(session, attempt, now);
}

void Core::owe(const std::string& type,
               const std::string& object_id,
               const json& metadata,
               Timestamp now,
               std::chrono::milliseconds delay,
               int copies) {
  if (faults_.take(FaultKind::lost_webhook, metadata)) {
    deliveries_.lose(type, object_id, metadata, now);
    return;
  }
  const Deliveries& kept = deliveries_;
  std::string id;
  for (int i = 0; i < copies; ++i) {
    const auto seq = deliveries_.owe(type, object_id, metadata, now, id);
    if (!seq) return;
    id = kept.find(*seq)->id;
    owed_.push_back({*seq, delay});
  }
}

// What a bad day looks like: an attempt fails, the buyer pays, sees an error page and pays again;
// the news of it all come twice and the wrong way round.
void Core::chaos(const Session& session, std::chrono::milliseconds delay, Timestamp now) {
  const auto failed = attempt(session, "failed", now).id;
  const auto first = attempt(session, "succeeded", now).id;
  const auto second = attempt(session, "succeeded", now).id;
  owe("payment.succeeded", second, session.metadata, now, delay, 2);
  owe("payment.processing", first, session.metadata, now, delay + delay / 2);
  owe("payment.succeeded", first, session.metadata, now, delay * 2, 2);
  owe("payment.failed", failed, session.metadata, now, delay * 3, 2);
}

Outgoing Core::buyer(const std::string& session_id,
                     const std::string& action,
                     const json& body,
                     Timestamp now) {
  const Session* session = world_.session(session_id);
  if (session == nullptr) return not_found();
  const std::chrono::milliseconds delay(
      int_of(body, "webhook_delay_ms", action == "chaos" ? k_chaos_delay_ms : 0, k_max_delay_ms));
  const int copies = std::max(1, int_of(body, "copies", 1, k_max_copies));
  const bool again = body.is_object() && body.value("again", json(false)) == true;
  if (action != "pay" && action != "decline" && action != "cancel" && action != "chaos")
    return not_found();
  if (world_.is_paid(*session) && !again) {
    return error_answer(
        {409, "SESSION_COMPLETED", "this session has been paid; say \"again\": true to pay twice"});
  }
  if (action == "chaos") {
    chaos(*session, delay, now);
  } else {
    const std::string status = action == "pay"       ? "succeeded"
                               : action == "decline" ? "failed"
                                                     : "cancelled";
    const auto& payment = attempt(*session, status, now);
    owe("payment." + status, payment.id, session->metadata, now, delay, copies);
  }
  const Payment* last = world_.payment(session->payments.back());
  return json_answer(200,
                     {{"session_id", session->id},
                      {"payment_id", last->id},
                      {"status", last->status},
                      {"total_amount", last->amount},
                      {"currency", last->currency}});
}

Outgoing Core::page(const Incoming& request, Timestamp now) {
  const auto parts = segments(std::string_view(request.path).substr(10));
  const Session* session = parts.empty() || parts.size() > 2 ? nullptr : world_.session(parts[0]);
  Outgoing answer;
  answer.type = "text/html; charset=utf-8";
  answer.headers = {{"Content-Security-Policy", k_page_policy},
                    {"Cache-Control", "no-store"},
                    {"Referrer-Policy", "no-referrer"},
                    {"X-Content-Type-Options", "nosniff"}};
  if (session == nullptr) {
    answer.status = 404;
    answer.body = missing_page();
    return answer;
  }
  std::string outcome;
  if (parts.size() == 2 && request.method == "POST") {
    const auto done = buyer(parts[0], parts[1], json::object(), now);
    // Back to the page by GET, so that reloading it does nothing twice.
    answer.status = done.status == 404 ? 404 : 303;
    answer.headers.emplace_back("Location", "/checkout/" + session->id);
    return answer;
  }
  for (const auto& id : session->payments) outcome = world_.payment(id)->status;
  if (world_.is_paid(*session)) outcome = "succeeded";
  answer.body = checkout_page(*session, outcome);
  return answer;
}

}  // namespace vozex::sandbox

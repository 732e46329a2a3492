// SPDX-License-Identifier: Apache-2.0
#include "api/sandbox/core.h"

#include "api/sandbox/pages.h"
#include "engine/base/assert.h"

namespace vozex::sandbox {
namespace {

Outgoing on_the_wire(Wire wire) {
  Outgoing answer;
  answer.status = 0;
  answer.wire = wire;
  return answer;
}

// What is answered instead; nothing when the work is to be done first.
std::optional<Outgoing> before_work(const Gateway& gateway, const Fault& fault) {
  if (fault.kind == FaultKind::error) return gateway.refusal(500);
  if (fault.kind == FaultKind::timeout) return on_the_wire(Wire::silence);
  if (fault.kind == FaultKind::reset || fault.kind == FaultKind::down)
    return on_the_wire(Wire::reset);
  if (fault.kind != FaultKind::rate_limited) return std::nullopt;
  auto answer = gateway.refusal(429);
  answer.headers.emplace_back("Retry-After", std::to_string(fault.rule.value("retry_after_s", 1)));
  return answer;
}

std::optional<Outgoing> after_work(const Gateway& gateway, const Fault& fault) {
  if (fault.kind == FaultKind::error_after_work) return gateway.refusal(500);
  if (fault.kind == FaultKind::timeout_after_work) return on_the_wire(Wire::silence);
  if (fault.kind == FaultKind::reset_after_work) return on_the_wire(Wire::reset);
  return std::nullopt;
}

Outgoing html(int status, std::string body) {
  Outgoing answer;
  answer.status = status;
  answer.type = "text/html; charset=utf-8";
  answer.headers = {{"Content-Security-Policy", k_page_policy},
                    {"Cache-Control", "no-store"},
                    {"Referrer-Policy", "no-referrer"},
                    {"X-Content-Type-Options", "nosniff"}};
  answer.body = std::move(body);
  return answer;
}

}  // namespace

Core::Core(SandboxOptions options) : options_(std::move(options)) {
  gateways_.push_back(make_dodo(options_, faults_));
  gateways_.push_back(make_paypal(options_, faults_));
  gateways_.push_back(make_stripe(options_, faults_));
}

const World& Core::world(std::string_view gateway) const {
  const Gateway* named = gateway_named(gateway);
  VOZEX_ASSERT(named != nullptr);
  return named->world();
}

void Core::set_public_url(const std::string& url) {
  for (const auto& gateway : gateways_) gateway->set_public_url(url);
}

// Each below a prefix of its name; what has no such prefix is Dodo's.
Outgoing Core::handle(const Incoming& request, Timestamp now) {
  if (request.path == "/") return html(200, home_page(*this, world_time(now)));
  if (request.path.starts_with("/sandbox/")) return control(request, now);
  if (request.path.starts_with("/checkout/")) return page(request, now);
  if (request.path.starts_with("/act/") && request.method == "POST") return by_hand(request, now);
  for (const auto& gateway : gateways_) {
    const std::string prefix = "/" + std::string(gateway->name());
    if (!request.path.starts_with(prefix + "/")) continue;
    Incoming inner = request;
    inner.path = request.path.substr(prefix.size());
    return serve(*gateway, inner, now);
  }
  return serve(*gateways_.front(), request, now);
}

Outgoing Core::serve(Gateway& gateway, const Incoming& request, Timestamp now) {
  const json metadata = gateway.metadata_of(request);
  const auto fault = faults_.take_for_request(
      {std::string(gateway.name()), request.method, request.path, "", metadata});
  Outgoing answer;
  const auto instead = fault ? before_work(gateway, *fault) : std::nullopt;
  if (instead) {
    answer = *instead;
  } else if (!gateway.admits(request)) {
    answer = gateway.refusal(401);
  } else if (auto before = gateway.replay(request)) {
    answer = *std::move(before);
  } else {
    answer = gateway.work(request, world_time(now));
    const auto after = fault ? after_work(gateway, *fault) : std::nullopt;
    gateway.remember(request, answer, after.value_or(answer));
    if (after) answer = *after;
    settle(gateway, now);
  }
  RequestEntry entry;
  entry.at = now;
  entry.gateway = gateway.name();
  entry.method = request.method;
  entry.path = request.path;
  entry.body = request.body;
  entry.metadata = metadata;
  entry.status = answer.status;
  if (fault) entry.fault = fault->rule.at("fault").get<std::string>();
  journal_.add(std::move(entry));
  return answer;
}

Outgoing Core::page(const Incoming& request, Timestamp now) {
  const auto parts = segments(std::string_view(request.path).substr(10));
  Gateway* gateway = parts.empty() || parts.size() > 2 ? nullptr : gateway_of_session(parts[0]);
  if (gateway == nullptr) return html(404, missing_page());
  Session& session = *gateway->world().session(parts[0]);
  if (parts.size() == 2 && request.method == "POST") {
    const auto done = on_session(*gateway, session, parts[1], json::object(), now);
    // Back to the page by GET, so that reloading it does nothing twice.
    auto answer = html(done.status == 404 ? 404 : 303, "");
    answer.headers.emplace_back("Location", "/checkout/" + session.id);
    return answer;
  }
  std::string outcome = session.status == SessionStatus::approved  ? "approved"
                        : session.status == SessionStatus::expired ? "expired"
                                                                   : "";
  for (const auto& id : session.payments) outcome = to_string(gateway->world().payment(id)->status);
  if (gateway->world().is_paid(session)) outcome = "succeeded";
  return html(200, checkout_page(*gateway, session, outcome));
}

// A button of the home page: its form is the body of the act.
Outgoing Core::by_hand(const Incoming& request, Timestamp now) {
  json body = json::object();
  for (const auto& [name, value] : parse_form(request.body)) {
    body[name] = value;
    if (value == "true" || value == "false") body[name] = value == "true";
  }
  const auto parts = segments(std::string_view(request.path).substr(5));
  const auto done = parts.size() < 2 ? no_such_thing() : act_on(parts, body, now);
  auto answer = html(done.status == 200 ? 303 : done.status, "");
  if (done.status == 200) answer.headers.emplace_back("Location", "/");
  return answer;
}

Gateway* Core::gateway_named(std::string_view name) const {
  for (const auto& gateway : gateways_) {
    if (gateway->name() == name) return gateway.get();
  }
  return nullptr;
}

Gateway* Core::gateway_of_session(const std::string& id) const {
  for (const auto& gateway : gateways_) {
    if (gateway->world().session(id) != nullptr) return gateway.get();
  }
  return nullptr;
}

Gateway* Core::gateway_of_payment(const std::string& id) const {
  for (const auto& gateway : gateways_) {
    if (gateway->world().payment(id) != nullptr) return gateway.get();
  }
  return nullptr;
}

}  // namespace vozex::sandbox

// SPDX-License-Identifier: Apache-2.0
//
// The part of Core that speaks as Dodo Payments does.
#include <algorithm>
#include <cstdlib>

#include "api/sandbox/core.h"

namespace vozex::sandbox {
namespace {

constexpr std::size_t k_default_page = 10;
constexpr std::size_t k_max_page = 100;

struct Page {
  std::size_t size = k_default_page;
  std::size_t number = 0;
};

std::size_t number_of(const Filter& query, const std::string& name, std::size_t otherwise) {
  const auto found = query.find(name);
  return found == query.end() ? otherwise : std::strtoull(found->second.c_str(), nullptr, 10);
}

Page page_of(const Filter& query) {
  return {std::min(k_max_page, number_of(query, "page_size", k_default_page)),
          number_of(query, "page_number", 0)};
}

std::optional<Timestamp> time_of(const Filter& query, const std::string& name) {
  const auto found = query.find(name);
  return found == query.end() ? std::nullopt : parse_timestamp(found->second);
}

bool text_passes(const Filter& query, const std::string& name, const std::string& value) {
  const auto found = query.find(name);
  return found == query.end() || found->second == value;
}

json metadata_of(const json& body) {
  return body.is_object() && body.contains("metadata") && body["metadata"].is_object()
             ? body["metadata"]
             : json::object();
}

Outgoing not_found() { return error_answer({404, "NOT_FOUND", "there is no such thing here"}); }

Outgoing rate_limited(const json& rule) {
  auto answer = error_answer({429, "TOO_MANY_REQUESTS", "slow down"});
  answer.headers.emplace_back("Retry-After", std::to_string(rule.value("retry_after_s", 1)));
  return answer;
}

Outgoing server_error() {
  return error_answer({500, "INTERNAL_SERVER_ERROR", "the sandbox was told to fail"});
}

Outgoing on_the_wire(Wire wire) {
  Outgoing answer;
  answer.status = 0;
  answer.wire = wire;
  return answer;
}

// What is answered instead; nothing when the work is to be done first.
std::optional<Outgoing> before_work(const Fault& fault) {
  if (fault.kind == FaultKind::error) return server_error();
  if (fault.kind == FaultKind::timeout) return on_the_wire(Wire::silence);
  if (fault.kind == FaultKind::reset) return on_the_wire(Wire::reset);
  if (fault.kind == FaultKind::rate_limited) return rate_limited(fault.rule);
  return std::nullopt;
}

std::optional<Outgoing> after_work(const Fault& fault) {
  if (fault.kind == FaultKind::error_after_work) return server_error();
  if (fault.kind == FaultKind::timeout_after_work) return on_the_wire(Wire::silence);
  if (fault.kind == FaultKind::reset_after_work) return on_the_wire(Wire::reset);
  return std::nullopt;
}

}  // namespace

Outgoing Core::gateway(const Incoming& request, Timestamp now) {
  const json metadata = metadata_of(json::parse(request.body, nullptr, false));
  const auto fault = faults_.take_for_request(request.method, request.path, metadata);
  Outgoing answer;
  const auto instead = fault ? before_work(*fault) : std::nullopt;
  if (instead) {
    answer = *instead;
  } else if (request.authorization != "Bearer " + options_.api_key) {
    answer = error_answer({401, "UNAUTHORIZED", "the API key is missing or wrong"});
  } else {
    answer = gateway_work(request, now);
    if (const auto after = fault ? after_work(*fault) : std::nullopt) answer = *after;
  }
  RequestEntry entry;
  entry.at = now;
  entry.method = request.method;
  entry.path = request.path;
  entry.body = request.body;
  entry.metadata = metadata;
  entry.status = answer.status;
  if (fault) entry.fault = fault->rule.at("fault").get<std::string>();
  journal_.add(std::move(entry));
  return answer;
}

Outgoing Core::gateway_work(const Incoming& request, Timestamp now) {
  const bool get = request.method == "GET";
  const std::string& path = request.path;
  if (request.method == "POST") {
    const json body = json::parse(request.body, nullptr, false);
    if (path == "/checkouts") return create_checkout(body, now);
    if (path == "/refunds") return create_refund(body, now);
  }
  if (get && path == "/payments") return list_payments(request);
  if (get && path == "/refunds") return list_refunds(request);
  if (get && path.starts_with("/payments/")) return one_payment(path.substr(10));
  if (get && path.starts_with("/refunds/")) {
    const json* refund = world_.refund(path.substr(9));
    return refund == nullptr ? not_found() : json_answer(200, *refund);
  }
  if (get && path.starts_with("/checkouts/")) {
    const Session* session = world_.session(path.substr(11));
    return session == nullptr ? not_found() : json_answer(200, world_.session_json(*session));
  }
  return not_found();
}

Outgoing Core::create_checkout(const json& body, Timestamp now) {
  const auto session = world_.create_session(body, now);
  if (!session) return error_answer(session.error());
  return json_answer(200,
                     {{"session_id", (*session)->id},
                      {"checkout_url", public_url_ + "/checkout/" + (*session)->id},
                      {"payment_id", nullptr},
                      {"client_secret", nullptr},
                      {"publishable_key", nullptr}});
}

Outgoing Core::create_refund(const json& body, Timestamp now) {
  const auto refund = world_.create_refund(body, now);
  if (!refund) return error_answer(refund.error());
  owe("refund.succeeded",
      refund->at("refund_id"),
      refund->at("metadata"),
      now,
      std::chrono::milliseconds(0));
  return json_answer(200, *refund);
}

Outgoing Core::one_payment(const std::string& rest) const {
  const auto slash = rest.find('/');
  const Payment* payment = world_.payment(rest.substr(0, slash));
  if (payment == nullptr) return not_found();
  if (slash == std::string::npos) return json_answer(200, world_.payment_json(*payment));
  if (rest.substr(slash) == "/line-items")
    return json_answer(200, world_.line_items_json(*payment));
  return not_found();
}

Outgoing Core::list_payments(const Incoming& request) const {
  const Page page = page_of(request.query);
  const auto since = time_of(request.query, "created_at_gte");
  const auto until = time_of(request.query, "created_at_lte");
  std::size_t skip = page.size * page.number;
  json items = json::array();
  const auto& payments = world_.payments();  // made in order of time
  for (auto it = payments.rbegin(); it != payments.rend() && items.size() < page.size; ++it) {
    if (since && it->created_at < *since) break;
    if (until && it->created_at > *until) continue;
    if (!text_passes(request.query, "status", it->status)) continue;
    if (skip > 0) {
      --skip;
      continue;
    }
    items.push_back(world_.payment_json(*it));
  }
  return json_answer(200, {{"items", std::move(items)}});
}

Outgoing Core::list_refunds(const Incoming& request) const {
  const Page page = page_of(request.query);
  std::size_t skip = page.size * page.number;
  json items = json::array();
  const auto& ids = world_.refund_ids();
  for (auto it = ids.rbegin(); it != ids.rend() && items.size() < page.size; ++it) {
    if (skip > 0) {
      --skip;
      continue;
    }
    items.push_back(*world_.refund(*it));
  }
  return json_answer(200, {{"items", std::move(items)}});
}

}  // namespace vozex::sandbox

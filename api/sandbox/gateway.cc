// SPDX-License-Identifier: Apache-2.0
#include "api/sandbox/gateway.h"

namespace vozex::sandbox {
namespace {

constexpr std::int64_t k_default_price = 4900;

}  // namespace

void Gateway::pay(Session& session, bool delayed, Timestamp now) {
  if (session.terms) {
    world_.subscribe(session, now);
    return;
  }
  const auto status = delayed                  ? PaymentStatus::processing
                      : session.manual_capture ? PaymentStatus::authorised
                                               : PaymentStatus::succeeded;
  attempt(session, status, now);
}

void Gateway::decline(Session& session, Timestamp now) {
  attempt(session, PaymentStatus::failed, now);
}

void Gateway::cancel(Session&, Timestamp) {}

const Payment& Gateway::attempt(Session& session, PaymentStatus status, Timestamp now) {
  Attempt attempt{status, session.amount, session.currency};
  if (status == PaymentStatus::succeeded || status == PaymentStatus::processing ||
      status == PaymentStatus::authorised) {
    const Subject subject{std::string(name()), "", "", "", session.payment_metadata};
    if (const auto fault = faults_.take(FaultKind::wrong_amount, subject))
      attempt.amount += fault->rule.value("by", 100);
    if (const auto fault = faults_.take(FaultKind::wrong_currency, subject))
      attempt.currency = fault->rule.value("currency", "XTS");
  }
  return world_.attempt(session, attempt, now);
}

RefundStatus Gateway::refund_status(const json& metadata) {
  const Subject subject{std::string(name()), "", "", "", metadata};
  if (faults_.take(FaultKind::pending_refund, subject)) return RefundStatus::pending;
  return faults_.take(FaultKind::failed_refund, subject) ? RefundStatus::failed
                                                         : RefundStatus::succeeded;
}

const Session* Gateway::session_of(const Happening& happening) const {
  if (const Session* session = world_.session(happening.id)) return session;
  std::string payment_id = happening.id;
  if (const Refund* refund = world_.refund(happening.id)) payment_id = refund->payment_id;
  if (const Dispute* dispute = world_.dispute(happening.id)) payment_id = dispute->payment_id;
  if (const Payment* payment = world_.payment(payment_id))
    return world_.session(payment->session_id);
  const Subscription* subscription = world_.subscription(happening.id);
  return subscription == nullptr ? nullptr : world_.session(subscription->session_id);
}

json Gateway::metadata_of(const Happening& happening) const {
  json metadata = json::object();
  if (const Session* session = session_of(happening)) {
    metadata = session->metadata;
    metadata.update(session->payment_metadata);
  }
  if (const Refund* refund = world_.refund(happening.id)) metadata.update(refund->metadata);
  if (const Subscription* subscription = world_.subscription(happening.id))
    metadata.update(subscription->metadata);
  return metadata;
}

const ListedProduct* Gateway::on_list(const std::string& product) const {
  const auto found = options_.products.find(product);
  return found == options_.products.end() ? nullptr : &found->second;
}

ListedProduct Gateway::listed(const std::string& product) const {
  const ListedProduct* found = on_list(product);
  return found == nullptr ? ListedProduct() : *found;
}

Line Gateway::line_of(const std::string& product) const {
  const ListedProduct it = listed(product);
  return {product, 1, it.price, it.months};
}

}  // namespace vozex::sandbox

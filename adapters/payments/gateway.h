// SPDX-License-Identifier: Apache-2.0
//
// Gateway: what the system needs from a payment gateway, and the words all gateways share. A call
// returns an answer or a CallError that says whether it may have been done; `find_*` settles an
// unknown outcome by reading. Webhooks are verified on their raw bytes, normalised into one
// vocabulary (README.md), and completed by a look-up where the body doesn't say enough or can't be
// believed alone. What a gateway hasn't got is refused, by the default here. Money is integer minor
// units. How a new one is added: docs/gateways.md. Thread rule: any thread; calls block and
// return before their deadline. Tests: tests/unit/payments.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "adapters/http/http_client.h"
#include "adapters/payments/ledger.h"
#include "adapters/payments/money.h"
#include "adapters/payments/offer.h"
#include "adapters/payments/subscription.h"
#include "engine/base/result.h"
#include "engine/ports/adapter.h"
#include "engine/ports/clock.h"
#include "engine/types/value.h"

namespace vozex::payments {

struct CartItem {
  std::string product_ref;  // the gateway's product
  std::int64_t quantity = 1;
  std::optional<std::int64_t> unit_minor;  // for products whose price the seller sets per sale
};

struct CheckoutRequest {
  std::string payment_id;  // ours; comes back in every webhook
  std::string order_id;
  Money amount;                 // what the order expects in all
  std::vector<CartItem> items;  // empty: one item of the gateway's configured product, at `amount`
  std::string customer_email;
  std::string customer_name;
  std::string title;  // what is bought, in a few words
  std::string return_url;
  std::optional<Recurring> recurring;  // a subscription, paid again and again
};

struct Checkout {
  std::string url;          // where the buyer pays
  std::string session_ref;  // the gateway's name of it
  std::string gateway_ref;  // the gateway's payment, when it exists already
};

// Which payment: the most specific reference that is known counts.
struct PaymentQuery {
  std::string gateway_ref;
  std::string session_ref;
  std::string payment_id;
};

enum class PaymentStatus : std::uint8_t {
  none = 1,
  pending = 2,
  captured = 3,
  failed = 4,
  cancelled = 5,
  authorised = 6  // the buyer agreed, or the money is held: capture it
};
const char* to_string(PaymentStatus status);

struct PaymentState {
  PaymentStatus status = PaymentStatus::none;
  std::string gateway_ref;  // empty as long as nobody tried to pay
  std::string session_ref;
  Money amount;
  std::int64_t authorised_total = 0;
  std::int64_t captured_total = 0;
  std::int64_t refunded_total = 0;  // succeeded and pending
  bool disputed = false;            // a dispute is open

  Ledger ledger() const;
};

// What takes the money of a payment that the buyer has agreed to.
struct CaptureRequest {
  std::string payment_id;
  std::string gateway_ref;  // the gateway's payment, or else
  std::string session_ref;  // the session that was approved
  std::string attempt;      // the same in every repetition of one call, another in the next call
};

struct RefundRequest {
  std::string gateway_ref;
  std::int64_t minor = 0;
  std::string currency;    // must be the payment's; "" = is
  std::string request_id;  // ours: finds the refund again
  std::string reason;
};

struct Refund {
  std::string refund_ref;
  std::string status;  // succeeded, pending, failed
  std::int64_t minor = 0;
  std::int64_t refunded_total = 0;  // of the payment, this one included
};

template <class T>
using Answer = tl::expected<T, ports::CallError>;

// What reading showed about a call whose answer was lost.
enum class Outcome : std::uint8_t { happened = 1, not_happened = 2, unclear = 3 };

template <class T>
struct Settled {
  Outcome outcome = Outcome::unclear;
  std::optional<T> result;  // with `happened`
};

// When a call must be over, on the boot clock.
using Deadline = Duration;

struct WebhookEvent {
  std::string id;      // the gateway's; stays the same when the event is repeated
  std::string fact;    // fact.h: the same for all events that say the same; applied once
  std::string source;  // "gateway:dodo"
  std::string type;    // of our vocabulary
  std::string wire_type;
  Timestamp time;
  types::Value data;
  bool needs_lookup = false;  // not to be applied before complete_webhook
};

class Gateway {
 public:
  virtual ~Gateway() = default;
  virtual std::string_view name() const = 0;

  virtual Answer<Checkout> create_checkout(const CheckoutRequest& request, Deadline deadline) = 0;
  virtual Answer<Settled<Checkout>> find_checkout(const CheckoutRequest& request,
                                                  Deadline deadline) = 0;
  virtual Answer<PaymentState> payment(const PaymentQuery& query, Deadline deadline) = 0;
  // Repeating it is safe everywhere. Where the gateway captures by itself: the payment as it is.
  virtual Answer<PaymentState> capture(const CaptureRequest& request, Deadline deadline);
  virtual Answer<Refund> refund(const RefundRequest& request, Deadline deadline) = 0;
  virtual Answer<Settled<Refund>> find_refund(const RefundRequest& request, Deadline deadline) = 0;

  // What its own product or plan says of a subscription. Errors: not_found; not_supported where it
  // has none.
  virtual Answer<Offer> offer(const std::string& product_ref, Deadline deadline);
  virtual Answer<SubscriptionState> subscription(const std::string& subscription_ref,
                                                 Deadline deadline);
  virtual Answer<SubscriptionState> change_subscription(const SubscriptionChange& change,
                                                        Deadline deadline);
  // Repeating it is safe. Error not_supported where the gateway tries again by its own schedule
  // only; declined with details {reason} where the bank says no.
  virtual Answer<Collected> collect(const CollectRequest& request, Deadline deadline);

  // The event's id. Errors: those of http::verify_webhook, webhook_wrong_environment (a test event
  // in a live system or the reverse), webhook_certificate_* (PayPal), class unavailable where the
  // certificate can't be fetched now.
  virtual Result<std::string> verify_webhook(const http::Headers& headers,
                                             std::string_view body,
                                             Timestamp now) const = 0;
  // Error webhook_payload_invalid: a type we know without what it must carry.
  virtual Result<WebhookEvent> normalise_webhook(std::string_view id,
                                                 std::string_view body,
                                                 Timestamp now) const = 0;
  // For an event with needs_lookup: the event as the gateway's own interface tells it. `body` is
  // what it was normalised from. A `gateway.unconfirmed` event when the gateway knows of no such
  // thing. Errors: the gateway couldn't be asked.
  virtual Answer<WebhookEvent> complete_webhook(WebhookEvent event,
                                                std::string_view body,
                                                Deadline deadline);

  // Reads something harmless with the configured key: "test connection".
  virtual Answer<bool> check(Deadline deadline) = 0;
};

// What gateways are built from; must outlive them.
struct Surroundings {
  http::HttpClient& http;
  const ports::Secrets& secrets;
  const ports::Clock& clock;
};

// The gateways of a configuration {dodo: {...}, ...}; see registry.cc and each gateway's config.
Result<std::vector<std::unique_ptr<Gateway>>> make_gateways(const types::Value& config,
                                                            const Surroundings& outside);

}  // namespace vozex::payments

// SPDX-License-Identifier: Apache-2.0
// What gateways tell, in bodies that say anything: each normaliser takes or refuses it, the same
// way each time, and money that was taken is never less than nothing. What their products cost is
// read from the same bodies.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "adapters/payments/dodo/normalise.h"
#include "adapters/payments/dodo/subscriptions.h"
#include "adapters/payments/paypal/normalise.h"
#include "adapters/payments/paypal/resources.h"
#include "adapters/payments/stripe/normalise.h"
#include "engine/types/json.h"

namespace {

using namespace vozex;
using Normalise = Result<payments::WebhookEvent> (*)(std::string_view, std::string_view, Timestamp);

void check(Normalise normalise, std::string_view body) {
  const Timestamp now{std::chrono::seconds{1'700'000'000}};
  const auto event = normalise("e", body, now);
  const auto again = normalise("e", body, now);
  if (event.has_value() != again.has_value()) std::abort();
  if (!event) {
    if (event.error().code.empty() || event.error().message.empty()) std::abort();
    return;
  }
  if (event->type.empty() || !event->data.is_map()) std::abort();
  if (types::to_json(event->data) != types::to_json(again->data)) std::abort();
  const types::Value* taken = event->data.find("captured_total");
  if (event->type == "payment.succeeded" && taken != nullptr && taken->as_integer() < 0)
    std::abort();
}

void check(payments::RecurringSale sale, const payments::Offer& offer) {
  const payments::Promise promise{"p", {1900, "USD"}, 2, 1, 14, true};
  for (const std::string& one : payments::differences(sale, promise, offer)) {
    if (one.empty()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace payments;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  check(normalise_dodo, body);
  check(static_cast<Normalise>(normalise_paypal), body);
  check(normalise_stripe, body);
  if (const auto document = types::parse_json(body)) {
    check(RecurringSale::by_product, dodo_offer(*document));
    check(RecurringSale::by_plan, paypal_offer(*document));
    check(RecurringSale::by_amount, stripe_offer(*document));
  }
  return 0;
}

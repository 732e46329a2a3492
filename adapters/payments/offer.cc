// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/offer.h"

#include "adapters/payments/amounts.h"
#include "engine/base/text.h"

namespace vozex::payments {
namespace {

std::string text_of(const Money& money) {
  return format_decimal(money.minor, currency_exponent(money.currency)) + " " + money.currency;
}

std::string months_text(std::int64_t months) {
  if (months == 0) return "no whole number of months";
  return std::to_string(months) + (months == 1 ? " month" : " months");
}

}  // namespace

std::vector<std::string> differences(RecurringSale sale,
                                     const Promise& promise,
                                     const Offer& offer) {
  std::vector<std::string> out;
  const bool told_price = promise.quoted && sale != RecurringSale::by_product;
  const bool told_period = promise.quoted && sale == RecurringSale::by_amount;
  const auto differs =
      [&](const std::string& what, const std::string& expected, const std::string& there) {
        out.push_back(what + ": expected " + expected + ", the gateway has " + there);
      };
  if (!offer.for_sale)
    out.push_back("the gateway doesn't sell it again and again, or not any more");
  if (!offer.price) {
    if (!told_price) differs("price", text_of(promise.price), "no fixed one");
  } else if (offer.price->currency != promise.price.currency) {
    differs("currency", promise.price.currency, offer.price->currency);
  } else if (!told_price && offer.price->minor != promise.price.minor) {
    differs("price", text_of(promise.price), text_of(*offer.price));
  }
  if (!told_period && offer.months != promise.months)
    differs("period", months_text(promise.months), months_text(offer.months));
  if (sale == RecurringSale::by_plan && offer.trial_days != promise.trial_days) {
    differs("trial",
            std::to_string(promise.trial_days) + " days",
            std::to_string(offer.trial_days) + " days");
  }
  if (promise.quoted && !told_price && offer.adds_tax)
    out.push_back("the gateway adds tax to its price, and the price that was told includes it");
  if (promise.quantity > 1 && !offer.takes_many)
    differs("quantity", std::to_string(promise.quantity), "a plan for one");
  return out;
}

std::int64_t months_in(std::string_view interval, std::int64_t count) {
  std::string word(interval);
  for (char& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (count < 1 || count > 1200) return 0;
  if (word == "month") return count;
  return word == "year" ? count * 12 : 0;
}

}  // namespace vozex::payments

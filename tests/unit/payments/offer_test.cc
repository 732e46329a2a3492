// SPDX-License-Identifier: Apache-2.0
// What a gateway's own product says against what a buyer was promised.
#include "adapters/payments/offer.h"

#include <gmock/gmock.h>

namespace vozex::payments {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Promise promise() { return {"p1", {1900, "USD"}, 1, 1, 14, true}; }

Offer offer() {
  Offer offer;
  offer.price = Money{1900, "USD"};
  offer.months = 1;
  offer.trial_days = 14;
  return offer;
}

TEST(Offers, WhatFitsFitsAtEveryGateway) {
  for (const auto sale :
       {RecurringSale::by_product, RecurringSale::by_plan, RecurringSale::by_amount})
    EXPECT_THAT(differences(sale, promise(), offer()), IsEmpty());
}

TEST(Offers, APriceCountsWhereTheGatewayIsNotToldIt) {
  Offer dearer = offer();
  dearer.price->minor = 2900;
  EXPECT_THAT(differences(RecurringSale::by_product, promise(), dearer),
              ElementsAre("price: expected 19.00 USD, the gateway has 29.00 USD"));
  EXPECT_THAT(differences(RecurringSale::by_plan, promise(), dearer), IsEmpty());
  EXPECT_THAT(differences(RecurringSale::by_amount, promise(), dearer), IsEmpty());
  Promise unquoted = promise();  // nobody is told a price: its own is charged
  unquoted.quoted = false;
  EXPECT_THAT(differences(RecurringSale::by_plan, unquoted, dearer),
              ElementsAre(HasSubstr("29.00")));
  dearer.price.reset();
  EXPECT_THAT(differences(RecurringSale::by_product, promise(), dearer),
              ElementsAre(HasSubstr("no fixed one")));
}

TEST(Offers, ACurrencyCountsAlways) {
  Offer euros = offer();
  euros.price->currency = "EUR";
  for (const auto sale :
       {RecurringSale::by_product, RecurringSale::by_plan, RecurringSale::by_amount}) {
    EXPECT_THAT(differences(sale, promise(), euros),
                ElementsAre("currency: expected USD, the gateway has EUR"));
  }
}

TEST(Offers, PeriodTrialTaxAndNumberCountWhereTheGatewaySaysThem) {
  Offer other = offer();
  other.months = 12;
  EXPECT_THAT(differences(RecurringSale::by_product, promise(), other),
              ElementsAre("period: expected 1 month, the gateway has 12 months"));
  EXPECT_THAT(differences(RecurringSale::by_amount, promise(), other), IsEmpty());
  other = offer();
  other.months = 0;
  EXPECT_THAT(differences(RecurringSale::by_plan, promise(), other),
              ElementsAre(HasSubstr("no whole number of months")));
  other = offer();
  other.trial_days = 0;
  EXPECT_THAT(differences(RecurringSale::by_plan, promise(), other),
              ElementsAre("trial: expected 14 days, the gateway has 0 days"));
  EXPECT_THAT(differences(RecurringSale::by_product, promise(), other), IsEmpty()) << "it is told";
  other = offer();
  other.adds_tax = true;
  EXPECT_THAT(differences(RecurringSale::by_product, promise(), other),
              ElementsAre(HasSubstr("adds tax")));
  other = offer();
  other.takes_many = false;
  EXPECT_THAT(differences(RecurringSale::by_plan, promise(), other), IsEmpty());
  Promise seats = promise();
  seats.quantity = 3;
  EXPECT_THAT(differences(RecurringSale::by_plan, seats, other),
              ElementsAre(HasSubstr("quantity")));
  other = offer();
  other.for_sale = false;
  EXPECT_THAT(differences(RecurringSale::by_plan, promise(), other),
              ElementsAre(HasSubstr("doesn't sell")));
}

TEST(Offers, PeriodsAreCountedInMonths) {
  EXPECT_EQ(months_in("Month", 3), 3);
  EXPECT_EQ(months_in("YEAR", 2), 24);
  EXPECT_EQ(months_in("Week", 4), 0);
  EXPECT_EQ(months_in("month", 0), 0);
  EXPECT_EQ(months_in("month", INT64_MAX), 0);
}

}  // namespace
}  // namespace vozex::payments

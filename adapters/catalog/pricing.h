// SPDX-License-Identifier: Apache-2.0
//
// Prices: what a buyer chose of a product -> lines, each with the sum it adds and how it came
// about; the lines of an item make its total, those of a quote the quote's. Base, plan, features,
// licence, support and package are each price x quantity x months of the cycle; a timeline is a
// percentage of its package; a year paid at once is 20 % off; then coupon, then tax. Rounding:
// money.h. Every refusal has a code and the place in what was asked for. Thread rule: pure. Tests:
// tests/unit/catalog/pricing_test.cc, with properties.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "adapters/catalog/product.h"

namespace vozex::catalog {

inline constexpr std::int64_t k_annual_percent_off = 20;

// One thing that a buyer wants. "" where nothing was chosen.
struct Selection {
  std::string product;
  std::string plan;
  std::vector<std::string> features;
  std::string license_type;
  std::string support_plan;
  std::string package;
  std::string timeline;
  std::string path;  // of a hybrid product
  std::int64_t quantity = 1;
};
// `item` fits the type of quote_request.h.
Selection read_selection(const types::Value& item);

struct Refusal {
  std::string code;
  std::string pointer;  // "/items/0/plan"
  std::string message;
};
using Refusals = std::vector<Refusal>;

struct Line {
  std::string kind;   // base, plan, feature, license_type, support_plan, package, timeline, annual,
                      // coupon, tax
  std::string ref;    // id of what was chosen; the coupon's code; the tax's country
  std::string title;  // for people
  std::int64_t minor = 0;  // negative: it takes away
  std::string how;         // "2 x 49.00 USD x 3 months"

  bool operator==(const Line&) const = default;
};

struct PricedItem {
  Selection selection;  // the plan's and the timeline's defaults filled in
  std::vector<Line> lines;
  std::int64_t net = 0;  // before coupon and tax
  std::int64_t discount = 0;
  std::int64_t tax = 0;

  std::int64_t total() const { return net - discount + tax; }
};

// In what a quote is priced.
struct Terms {
  std::string currency;
  std::string cycle;  // monthly, quarterly, annual; "" = each product's first
};

// `place` is the item's, "/items/0". What is refused is added to `refusals`, all of it; the item is
// then not worth reading.
PricedItem price(const Product& product,
                 const Selection& selection,
                 const Terms& terms,
                 const std::string& place,
                 Refusals& refusals);

// The cycle in which a product is paid; "" for one that is paid once.
std::string cycle_of(const Product& product, const Terms& terms);
std::int64_t months_of(std::string_view cycle);  // 1 for ""

// A line that takes `minor` away, or adds it as tax. Lines of nothing are kept: they explain, too.
void take_off(PricedItem& item, Line line);
void add_tax(PricedItem& item, Line line);

}  // namespace vozex::catalog

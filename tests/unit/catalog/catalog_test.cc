// SPDX-License-Identifier: Apache-2.0
// Applying documents: whole or not at all, once however often, and nothing that was sold goes.
#include "adapters/catalog/catalog.h"

#include <gmock/gmock.h>

#include "adapters/catalog/memory_catalog_store.h"
#include "tests/unit/catalog/documents.h"
#include "tests/unit/payments/fakes.h"

namespace vozex::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using types::Value;

class CatalogTest : public ::testing::Test {
 protected:
  Result<std::vector<AppliedEntry>> apply(std::vector<Value> documents, bool dry_run = false) {
    ApplyOrder order;
    order.documents = std::move(documents);
    order.dry_run = dry_run;
    order.by = "ann";
    return catalog_.apply("t1", order);
  }

  // "breaks_offers /documents/0/plans: ..."
  std::string refusal(std::vector<Value> documents) {
    const auto applied = apply(std::move(documents));
    if (applied) return "";
    std::string text = applied.error().code;
    for (const ErrorDetail& detail : applied.error().details)
      text += " " + detail.name + ": " + detail.text;
    return text;
  }

  std::uint64_t revision(const char* id) {
    const auto entry = catalog_.get("t1", {EntryKind::product, id});
    return entry && *entry ? (*entry)->revision : 0;
  }

  MemoryCatalogStore store_;
  payments::StillClock clock_{*parse_timestamp("2026-11-20T10:00:00Z")};
  Catalog catalog_{store_, clock_, test::gateways()};
};

// A list without its item of this number.
Value less(const Value& document, const char* list, std::size_t number) {
  Value::List items = document.find(list)->as_list();
  items.erase(items.begin() + static_cast<std::ptrdiff_t>(number));
  return document.with(list, Value::list(std::move(items)));
}

TEST_F(CatalogTest, ApplyingTheSameAgainChangesNothing) {
  const auto first = apply({test::pos(), test::editor()});
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ((*first)[0].applied, Applied::created);
  EXPECT_EQ((*first)[1].revision, 1u);
  const auto again = apply({test::editor(), test::pos()});
  ASSERT_TRUE(again);
  EXPECT_EQ((*again)[0].applied, Applied::unchanged);
  EXPECT_EQ((*again)[1].applied, Applied::unchanged);
  EXPECT_EQ(revision("pos"), 1u);
}

TEST_F(CatalogTest, OneWrongDocumentKeepsAllOut) {
  EXPECT_THAT(refusal({test::editor(), test::with(test::pos(), "category", "\"toys\"")}),
              HasSubstr("catalog_invalid /documents/1/category: "));
  EXPECT_EQ(revision("editor"), 0u);
  EXPECT_THAT(refusal({test::editor(), test::editor()}),
              HasSubstr("/documents/1/product: two documents have this id"));
}

TEST_F(CatalogTest, ADryRunSaysWhatItWouldDoAndWritesNothing) {
  const auto would = apply({test::pos()}, true);
  ASSERT_TRUE(would);
  EXPECT_EQ((*would)[0].applied, Applied::created);
  EXPECT_EQ(revision("pos"), 0u);
}

TEST_F(CatalogTest, AnUpdateSaysWhatIsDifferent) {
  ASSERT_TRUE(apply({test::pos()}));
  Value changed = test::with(test::pos(), "title", "\"POS\"");
  Value::List plans = changed.find("plans")->as_list();
  plans[1] = plans[1].with("price", test::json(R"({"USD": 6900, "JPY": 8000})"));
  std::swap(plans[0], plans[1]);  // another order is no difference
  changed = changed.with("plans", Value::list(plans)).with("summary", Value::string("New"));
  const auto applied = apply({changed});
  ASSERT_TRUE(applied) << applied.error().message;
  EXPECT_EQ((*applied)[0].applied, Applied::updated);
  EXPECT_EQ((*applied)[0].revision, 2u);
  std::vector<std::string> said;
  for (const Difference& one : (*applied)[0].differences)
    said.push_back(one.pointer + " " + types::to_json(one.before) + " " +
                   types::to_json(one.after));
  EXPECT_THAT(said,
              ElementsAre("/plans/0/price/USD 5900 6900",
                          "/title \"Point of sale\" \"POS\"",
                          "/summary null \"New\""));
}

TEST_F(CatalogTest, WhatWasSoldIsKeptOrRetired) {
  ASSERT_TRUE(apply({test::pos()}));
  EXPECT_THAT(refusal({less(test::pos(), "plans", 0)}),
              HasSubstr("breaks_offers /documents/0/plans: the plan starter has been for sale"));
  EXPECT_THAT(refusal({less(test::pos(), "features", 2)}), HasSubstr("/documents/0/features: "));
  EXPECT_THAT(refusal({less(test::pos(), "support_plans", 0)}), HasSubstr("/support_plans: "));
  Value yearless = less(test::pos(), "cycles", 2);
  for (const std::size_t plan : {0u, 1u}) {
    const std::string name = std::to_string(plan);
    yearless = test::sold_as(yearless,
                             plan,
                             (R"({"dodo": {"monthly": {"USD": "a)" + name +
                              R"("}, "quarterly": {"USD": "b)" + name + R"("}}})")
                                 .c_str());
  }
  EXPECT_THAT(refusal({yearless}), HasSubstr("billed annual"));
  EXPECT_THAT(refusal({test::with(test::pos(), "status", "\"draft\"")}), HasSubstr("/status: "));
  EXPECT_EQ(revision("pos"), 1u);
  Value::List plans = test::pos().find("plans")->as_list();
  plans[0] = plans[0].with("retired", Value::boolean(true));
  EXPECT_EQ(refusal({test::pos().with("plans", Value::list(plans))}), "");
  EXPECT_EQ(revision("pos"), 2u);
}

TEST_F(CatalogTest, ASoldProductKeepsItsKindAndItsCurrencies) {
  ASSERT_TRUE(apply({test::editor()}));
  const std::string download =
      refusal({test::with(test::editor(), "delivery_model", "\"self_hosted_download\"")});
  EXPECT_THAT(download, HasSubstr("/documents/0/delivery_model: was \"self_hosted_license\""));
  const Value recurring =
      test::with(test::with(test::editor(), "recurring", "true"), "cycles", R"(["annual"])");
  EXPECT_THAT(refusal({test::with(recurring,
                                  "plans",
                                  R"([{"plan": "a", "title": "A", "price": {"USD": 1, "TND": 1},
                                       "sold_as": {"dodo": {"annual": {"USD": "pdt_a"}}}}])")}),
              HasSubstr("/documents/0/recurring: "));
  ASSERT_TRUE(apply({test::with(test::design(), "price", R"({"USD": 0})")}));
  Value euro = test::with(test::design(), "price", R"({"EUR": 0})");
  Value::List packages = euro.find("service_packages")->as_list();
  packages[0] = packages[0].with("price", test::json(R"({"EUR": 30000})"));
  EXPECT_THAT(refusal({euro.with("service_packages", Value::list(packages))}),
              HasSubstr("/documents/0/price: subscriptions may be billed in USD"));
}

TEST_F(CatalogTest, ADraftMayBecomeAnything) {
  ASSERT_TRUE(apply({test::with(test::pos(), "status", "\"draft\"")}));
  EXPECT_EQ(refusal({less(test::pos(), "features", 2)}), "");
}

TEST_F(CatalogTest, WhoSawAnOlderRevisionIsTold) {
  ASSERT_TRUE(apply({test::pos()}));
  ApplyOrder order;
  order.documents = {test::with(test::pos(), "title", "\"POS\"")};
  order.revision = 7;
  const auto refused = catalog_.apply("t1", order);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "catalog_changed");
  order.revision = 1;
  EXPECT_TRUE(catalog_.apply("t1", order));
}

TEST_F(CatalogTest, TooManyDocumentsAreRefused) {
  EXPECT_THAT(refusal(std::vector<Value>(k_max_applied + 1, test::pos())),
              HasSubstr("catalog_invalid"));
}

}  // namespace
}  // namespace vozex::catalog

// SPDX-License-Identifier: Apache-2.0
// Approvals by several people, also of an order, and usage that counts once, through the real
// program on both databases.
#include "tests/api/recurring.h"

namespace vozex::api_test {
namespace {

class CompanyShop : public Recurring {};

INSTANTIATE_TEST_SUITE_P(Stores,
                         CompanyShop,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& one) { return name_of(one.param); });

TEST_P(CompanyShop, AnApprovalWantsTwoDifferentPeopleAndNeverWhoAsks) {
  start("approval",
        {{"approval_id", "a1"},
         {"subject", "order o-1"},
         {"requester", "rita"},
         {"amount", {{"minor", 100}, {"currency", "USD"}}},
         {"levels",
          {{{"role", "board"}, {"from", {{"minor", 0}, {"currency", "USD"}}}, {"needed", 2}}}}});
  const auto approve = [&](const std::string& who) {
    const json tasks = town_->get("/v1/tasks?queue=approvals").value()["items"];
    EXPECT_EQ(tasks.size(), 1u);
    return town_
        ->post("/v1/tasks/" + tasks[0]["id"].get<std::string>() + "/complete",
               {{"action", "approve"},
                {"form", json::object()},
                {"actor", {{"id", who}, {"roles", {"board"}}}}})
        .status;
  };
  EXPECT_NE(approve("rita"), 200);
  EXPECT_EQ(approve("bea"), 200);
  EXPECT_NE(approve("bea"), 200);
  EXPECT_EQ(town_->status_of("approval", "a1"), "pending");
  EXPECT_EQ(approve("bob"), 200);
  EXPECT_EQ(town_->status_of("approval", "a1"), "approved");
}

TEST_P(CompanyShop, AnOrderOfACompanyIsPaidAfterItsPeopleAgreed) {
  const json level = {{"role", "boss"}, {"from", {{"minor", 1}, {"currency", "USD"}}}};
  const json order = {{"order_id", "o1"},
                      {"gateway", "dodo"},
                      {"customer", {{"email", "ann@example.com"}}},
                      {"approval", {{"requester", "rita"}, {"levels", {level}}}},
                      {"items",
                       {{{"product_id", "editor"},
                         {"title", "Text editor"},
                         {"driver", "license_download"},
                         {"price", {{"minor", 4900}, {"currency", "USD"}}},
                         {"config", {{"seats", 1}}}}}}};
  const Answer placed = town_->post("/v1/checkouts", order);
  ASSERT_EQ(placed.status, 201) << placed.body;
  EXPECT_EQ(placed.value()["status"], "awaiting_approval");
  EXPECT_EQ(placed.value().value("checkout_url", ""), "") << "nothing to pay on yet";
  const json tasks = town_->get("/v1/tasks?queue=approvals").value()["items"];
  ASSERT_EQ(tasks.size(), 1u);
  const Answer approved =
      town_->post("/v1/tasks/" + tasks[0]["id"].get<std::string>() + "/complete",
                  {{"action", "approve"},
                   {"form", json::object()},
                   {"actor", {{"id", "bo"}, {"roles", {"boss"}}}}});
  ASSERT_EQ(approved.status, 200) << approved.body;
  ASSERT_TRUE(town_->reaches("order", "o1", "paying")) << town_->server_log();
  const Answer again = town_->post("/v1/checkouts", order);
  EXPECT_EQ(again.value()["checkout_url"], "https://pay.example/cks_1") << again.body;
}

TEST_P(CompanyShop, UsageCountsOnceAndWhatCantBeKeptIsTheSendersAgain) {
  start("usage_billing",
        {{"account_id", "u1"},
         {"customer", {{"customer_id", "c1"}, {"email", "ann@example.com"}}},
         {"gateway", "dodo"},
         {"currency", "USD"},
         {"meters", {{{"name", "api"}, {"tiers", {{{"minor", 1}}}}}}}});
  const auto record =
      [&](const std::string& event, const std::string& usage, const std::string& meter) {
        return town_->post("/v1/events",
                           {{"id", event},
                            {"source", "/api"},
                            {"type", "usage.recorded"},
                            {"data",
                             {{"account_id", "u1"},
                              {"usage_id", usage},
                              {"meter", meter},
                              {"quantity", 5},
                              {"at", moment()}}}});
      };
  EXPECT_EQ(record("e1", "hour-1", "api").value()["outcome"], "transitioned");
  EXPECT_EQ(record("e2", "hour-1", "api").status, 200);
  EXPECT_EQ(record("e1", "hour-1", "api").value()["outcome"], "duplicate");
  EXPECT_EQ(town_->instance("usage_billing", "u1")["data"]["usage"].size(), 1u);
  const Answer unknown = record("e3", "hour-2", "fax");
  EXPECT_EQ(unknown.status, 409) << unknown.body;
  EXPECT_EQ(town_->instance("usage_billing", "u1")["data"]["usage"].size(), 1u);
}

}  // namespace
}  // namespace vozex::api_test

// SPDX-License-Identifier: Apache-2.0
// Approvals by several people, also of an order, and usage that counts once and is invoiced and
// paid, through the real program on both databases.
#include "engine/base/time.h"
#include "tests/api/market.h"
#include "tests/api/places.h"

namespace vozex::api_test {
namespace {

void start(const Town& town, const std::string& workflow, const json& input) {
  const Answer started = town.post("/v1/instances", {{"workflow", workflow}, {"input", input}});
  ASSERT_EQ(started.status, 201) << started.body << town.server_log();
}

Answer record(const Town& town,
              const std::string& event,
              const std::string& usage,
              const std::string& meter) {
  // Surely not before the account began.
  const auto at = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()) +
                  std::chrono::minutes(5);
  return town.post("/v1/events",
                   {{"id", event},
                    {"source", "/api"},
                    {"type", "usage.recorded"},
                    {"data",
                     {{"account_id", "u1"},
                      {"usage_id", usage},
                      {"meter", meter},
                      {"quantity", 5},
                      {"at", format_timestamp(at)}}}});
}

// Five calls for 9.80 each; the first two cost nothing.
json account_at(const std::string& gateway) {
  return {{"account_id", "u1"},
          {"customer", {{"customer_id", "c1"}, {"email", "ann@example.com"}}},
          {"gateway", gateway},
          {"currency", "USD"},
          {"meters", {{{"name", "api"}, {"free", 2}, {"tiers", {{{"minor", 980}}}}}}}};
}

class CompanyShop : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (!is_available(GetParam())) GTEST_SKIP() << "no VOZEX_TEST_POSTGRES";
    town_ = std::make_unique<Town>(GetParam());
  }

  std::unique_ptr<Town> town_;
};

INSTANTIATE_TEST_SUITE_P(Stores,
                         CompanyShop,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& one) { return name_of(one.param); });

TEST_P(CompanyShop, AnApprovalWantsTwoDifferentPeopleAndNeverWhoAsks) {
  start(*town_,
        "approval",
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
  EXPECT_EQ(again.value()["checkout_url"],
            town_->instance("payment", "o1-p1")["data"]["checkout_url"])
      << again.body;
}

TEST_P(CompanyShop, UsageCountsOnceAndWhatCantBeKeptIsTheSendersAgain) {
  start(*town_, "usage_billing", account_at("dodo"));
  EXPECT_EQ(record(*town_, "e1", "hour-1", "api").value()["outcome"], "transitioned");
  EXPECT_EQ(record(*town_, "e2", "hour-1", "api").status, 200);
  EXPECT_EQ(record(*town_, "e1", "hour-1", "api").value()["outcome"], "duplicate");
  EXPECT_EQ(town_->instance("usage_billing", "u1")["data"]["usage"].size(), 1u);
  const Answer unknown = record(*town_, "e3", "hour-2", "fax");
  EXPECT_EQ(unknown.status, 409) << unknown.body;
  EXPECT_EQ(town_->instance("usage_billing", "u1")["data"]["usage"].size(), 1u);
}

class Usage : public ::testing::TestWithParam<Place> {
 protected:
  void SetUp() override {
    if (!is_available(GetParam().kind)) GTEST_SKIP() << "no VOZEX_TEST_POSTGRES";
  }
};

INSTANTIATE_TEST_SUITE_P(Gateways, Usage, ::testing::ValuesIn(places()), place_name);

TEST_P(Usage, OfAnAccountThatIsClosedIsInvoicedAndPaid) {
  const TemporaryFolder settings;
  write_text(settings / "vozex.yaml", "config: {usage_billing: {late: 1s}}\n");
  const Market market(GetParam().kind, GetParam().gateway, {"--config", settings / "vozex.yaml"});
  start(market.town(), "usage_billing", account_at(GetParam().gateway));
  for (const char* event : {"e1", "e2"})  // the same usage, told twice
    EXPECT_EQ(record(market.town(), event, "hour-1", "api").status, 200);
  const Answer stopped = market.act("usage_billing", "u1", "stop", "ops");
  ASSERT_EQ(stopped.status, 200) << stopped.body;
  ASSERT_TRUE(market.reaches("usage_billing", "u1", "closed")) << market.town().server_log();
  ASSERT_TRUE(market.reaches("payment", "u1-1-p1", "waiting")) << market.town().server_log();
  const std::string page = market.town().instance("payment", "u1-1-p1")["data"]["checkout_url"];
  const json invoice = market.town().instance("invoice", "u1-1");
  EXPECT_EQ(invoice["input"]["total"], (json{{"minor", 3 * 980}, {"currency", "USD"}}));
  EXPECT_EQ(invoice["input"]["lines"].size(), 2u) << invoice["input"].dump(2);
  EXPECT_EQ(market.buyer(page, "pay").status, 200);
  EXPECT_TRUE(market.reaches("invoice", "u1-1", "paid")) << market.town().server_log();
  EXPECT_EQ(market.account_for_every_cent(), 1u);

  const auto at_bank = [&](const char* state) {
    EXPECT_EQ(market.at_gateway("u1-1", "dispute", {{"state", state}}).status, 200) << state;
  };
  at_bank("opened");
  EXPECT_TRUE(market.shows("invoice", "u1-1", "disputed")) << market.town().server_log();
  at_bank("won");
  EXPECT_TRUE(market.shows("invoice", "u1-1", "paid"));
  at_bank("opened");
  EXPECT_TRUE(market.shows("invoice", "u1-1", "disputed"));
  at_bank("lost");
  EXPECT_TRUE(market.shows("invoice", "u1-1", "charged_back")) << market.town().server_log();
}

}  // namespace
}  // namespace vozex::api_test

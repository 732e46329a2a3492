// SPDX-License-Identifier: Apache-2.0
//
// What the sandbox answers and owes, without a network.
#include "api/sandbox/core.h"

#include <gtest/gtest.h>

#include "api/sandbox/pages.h"

namespace vozex::sandbox {
namespace {

const Timestamp k_now = *parse_timestamp("2026-11-20T10:00:00Z");

class SandboxCore : public ::testing::Test {
 protected:
  Outgoing ask(const std::string& method,
               const std::string& path,
               const std::string& body = "",
               Filter query = {}) {
    return core_.handle({method, path, std::move(query), "Bearer sk_sandbox", body}, k_now);
  }
  json ok(const std::string& method,
          const std::string& path,
          const std::string& body = "",
          Filter query = {}) {
    const auto answer = ask(method, path, body, std::move(query));
    EXPECT_EQ(answer.status, 200) << method << " " << path << " " << answer.body;
    return json::parse(answer.body);
  }
  // A session of 4900 for payment p1 of order o1.
  std::string session(const std::string& payment_id = "p1") {
    return ok("POST",
              "/checkouts",
              R"({"product_cart":[{"product_id":"pdt_1","quantity":2,"amount":2000},{"product_id":"pdt_2","quantity":1,"amount":900}],
                  "metadata":{"payment_id":")" +
                  payment_id + R"(","order_id":"o1"},"customer":{"email":"a@b.example"}})")
        .at("session_id");
  }
  json buyer(const std::string& session, const std::string& action, const std::string& body = "") {
    return ok("POST", "/sandbox/checkouts/" + session + "/" + action, body);
  }
  // "type*attempts" would need the network; here: the types owed, in order of their delay.
  std::vector<std::string> owed() {
    auto list = core_.take_owed();
    std::stable_sort(
        list.begin(), list.end(), [](const Owed& a, const Owed& b) { return a.delay < b.delay; });
    std::vector<std::string> types;
    const Deliveries& deliveries = core_.deliveries();
    for (const auto& one : list) types.push_back(deliveries.find(one.seq)->type);
    return types;
  }

  Core core_{SandboxOptions{}};
};

TEST_F(SandboxCore, SessionIsAnsweredInTheShapeOfDodo) {
  core_.set_public_url("http://127.0.0.1:4010");
  const auto answer =
      ok("POST", "/checkouts", R"({"product_cart":[{"product_id":"p","quantity":1}]})");
  EXPECT_TRUE(answer.at("session_id").get<std::string>().starts_with("cks_"));
  EXPECT_EQ(answer.at("checkout_url"),
            "http://127.0.0.1:4010/checkout/" + answer.at("session_id").get<std::string>());
  EXPECT_TRUE(answer.at("payment_id").is_null());
  const auto shown = ok("GET", "/checkouts/" + answer.at("session_id").get<std::string>());
  EXPECT_TRUE(shown.at("payment_status").is_null());
}

TEST_F(SandboxCore, WrongRequestsGetDodosErrors) {
  EXPECT_EQ(core_.handle({"POST", "/checkouts", {}, "Bearer no", "{}"}, k_now).status, 401);
  EXPECT_EQ(ask("POST", "/checkouts", "nonsense").status, 400);
  for (const char* body :
       {"{}",
        R"({"product_cart":[]})",
        R"({"product_cart":[{"product_id":"p"}]})",
        R"({"product_cart":[{"product_id":"p","quantity":1,"amount":1.5}]})",
        R"({"product_cart":[{"product_id":"p","quantity":1}],"metadata":{"a":{}}})"}) {
    const auto answer = ask("POST", "/checkouts", body);
    EXPECT_EQ(answer.status, 422) << body;
    EXPECT_EQ(json::parse(answer.body).at("code"), "INVALID_REQUEST_BODY");
  }
  EXPECT_EQ(ask("GET", "/checkouts/nope").status, 404);
  EXPECT_EQ(ask("GET", "/payments/nope").status, 404);
  EXPECT_EQ(ask("POST", "/refunds", R"({"payment_id":"nope"})").status, 404);
  EXPECT_EQ(ask("GET", "/nope").status, 404);
}

TEST_F(SandboxCore, PayingShowsEverywhere) {
  const auto id = session();
  const auto paid = buyer(id, "pay");
  EXPECT_EQ(paid.at("status"), "succeeded");
  EXPECT_EQ(owed(), std::vector<std::string>{"payment.succeeded"});
  EXPECT_EQ(ok("GET", "/checkouts/" + id).at("payment_status"), "succeeded");
  const auto payment = ok("GET", "/payments/" + paid.at("payment_id").get<std::string>());
  EXPECT_EQ(payment.at("total_amount"), 4900);
  EXPECT_EQ(payment.at("metadata").at("order_id"), "o1");
  EXPECT_EQ(payment.at("checkout_session_id"), id);
  EXPECT_EQ(ok("GET", "/payments").at("items").size(), 1u);
  EXPECT_EQ(ask("POST", "/sandbox/checkouts/" + id + "/pay").status, 409);
  EXPECT_EQ(buyer(id, "pay", R"({"again":true,"copies":3})").at("status"), "succeeded");
  EXPECT_EQ(owed().size(), 3u);
}

TEST_F(SandboxCore, DecliningLeavesTheSessionOpen) {
  const auto id = session();
  EXPECT_EQ(buyer(id, "decline").at("status"), "failed");
  EXPECT_EQ(buyer(id, "pay").at("status"), "succeeded");
  EXPECT_EQ(owed(), (std::vector<std::string>{"payment.failed", "payment.succeeded"}));
}

TEST_F(SandboxCore, ChaosIsTwoPaymentsAndTheWrongOrder) {
  const auto id = session();
  buyer(id, "chaos");
  EXPECT_EQ(owed(),
            (std::vector<std::string>{"payment.succeeded",
                                      "payment.succeeded",
                                      "payment.processing",
                                      "payment.succeeded",
                                      "payment.succeeded",
                                      "payment.failed",
                                      "payment.failed"}));
  int succeeded = 0;
  const auto list = ok("GET", "/payments");
  for (const auto& payment : list.at("items")) succeeded += payment.at("status") == "succeeded";
  EXPECT_EQ(succeeded, 2);
}

TEST_F(SandboxCore, PagesOfPayments) {
  for (int i = 0; i < 25; ++i) buyer(session("p" + std::to_string(i)), "pay");
  EXPECT_EQ(
      ok("GET", "/payments", "", {{"page_size", "10"}, {"page_number", "2"}}).at("items").size(),
      5u);
  EXPECT_EQ(
      ok("GET", "/payments", "", {{"page_size", "10"}, {"page_number", "3"}}).at("items").size(),
      0u);
  EXPECT_EQ(
      ok("GET", "/payments", "", {{"created_at_gte", "2026-11-20T10:00:01Z"}}).at("items").size(),
      0u);
  EXPECT_EQ(ok("GET", "/payments").at("items").at(0).at("metadata").at("payment_id"), "p24")
      << "newest first";
}

TEST_F(SandboxCore, RefundsAreBoundedByWhatWasPaid) {
  const auto id = buyer(session(), "pay").at("payment_id").get<std::string>();
  const auto refund = [&](const std::string& rest) {
    return ask("POST", "/refunds", R"({"payment_id":")" + id + "\"" + rest + "}");
  };
  const auto lines = ok("GET", "/payments/" + id + "/line-items").at("items");
  EXPECT_EQ(lines.at(0).at("refundable_amount"), 4000);
  const auto part =
      refund(R"(,"items":[{"item_id":"x","amount":1500}],"metadata":{"request_id":"r1"})");
  EXPECT_EQ(part.status, 200);
  EXPECT_EQ(json::parse(part.body).at("is_partial"), true);
  EXPECT_EQ(ok("GET", "/payments/" + id).at("refund_status"), "partial");
  EXPECT_EQ(ok("GET", "/payments/" + id + "/line-items").at("items").at(0).at("refundable_amount"),
            2500);
  const auto ref = json::parse(part.body).at("refund_id").get<std::string>();
  EXPECT_EQ(ok("GET", "/refunds/" + ref).at("metadata").at("request_id"), "r1");
  EXPECT_EQ(refund(R"(,"items":[{"item_id":"x","amount":3401}])").status, 422);
  EXPECT_EQ(refund(R"(,"items":[{"item_id":"x","amount":3400}])").status, 200);
  EXPECT_EQ(json::parse(refund("").body).at("code"), "PAYMENT_ALREADY_REFUNDED");
  EXPECT_EQ(ok("GET", "/refunds").at("items").size(), 2u);
  EXPECT_EQ(
      owed(),
      (std::vector<std::string>{"payment.succeeded", "refund.succeeded", "refund.succeeded"}));
}

TEST_F(SandboxCore, Disputes) {
  const auto id = buyer(session(), "pay").at("payment_id").get<std::string>();
  core_.take_owed();
  EXPECT_EQ(ok("POST", "/sandbox/payments/" + id + "/dispute").at("dispute_status"),
            "dispute_opened");
  EXPECT_EQ(
      ok("POST", "/sandbox/payments/" + id + "/dispute", R"({"state":"won"})").at("dispute_status"),
      "dispute_won");
  EXPECT_EQ(ask("POST", "/sandbox/payments/" + id + "/dispute", R"({"state":"odd"})").status, 422);
  EXPECT_EQ(owed(), (std::vector<std::string>{"dispute.opened", "dispute.won"}));
}

TEST_F(SandboxCore, FaultsBeforeAndAfterTheWork) {
  struct Row {
    const char* fault;
    int status;
    Wire wire;
    std::size_t sessions;
  };
  const std::string body =
      R"({"product_cart":[{"product_id":"p","quantity":1}],"metadata":{"order_id":"o9"}})";
  for (const auto& row : {Row{"error", 500, Wire::send, 0},
                          Row{"error_after_work", 500, Wire::send, 1},
                          Row{"timeout", 0, Wire::silence, 0},
                          Row{"timeout_after_work", 0, Wire::silence, 1},
                          Row{"reset", 0, Wire::reset, 0},
                          Row{"reset_after_work", 0, Wire::reset, 1},
                          Row{"rate_limited", 429, Wire::send, 0}}) {
    const auto before = core_.world().sessions().size();
    ok("POST",
       "/sandbox/faults",
       std::string(R"({"fault":")") + row.fault +
           R"(","method":"POST","path":"/checkouts","metadata":{"order_id":"o9"}})");
    session();  // another order: not touched
    const auto answer = ask("POST", "/checkouts", body);
    EXPECT_EQ(answer.status, row.status) << row.fault;
    EXPECT_EQ(answer.wire, row.wire) << row.fault;
    EXPECT_EQ(core_.world().sessions().size(), before + 1 + row.sessions) << row.fault;
    EXPECT_EQ(ask("POST", "/checkouts", body).status, 200) << "once only";
  }
  const auto journal = ok("GET", "/sandbox/requests", "", {{"metadata.order_id", "o9"}});
  EXPECT_EQ(journal.at("requests").size(), 14u);
  EXPECT_EQ(journal.at("requests").at(2).at("fault"), "error_after_work");
  EXPECT_EQ(ask("POST", "/sandbox/faults", R"({"fault":"odd"})").status, 422);
  ok("POST", "/sandbox/faults", R"({"fault":"error","times":5})");
  EXPECT_EQ(ok("GET", "/sandbox/faults").at("faults").at(0).at("left"), 5);
  EXPECT_EQ(ok("DELETE", "/sandbox/faults").at("faults").size(), 0u);
}

TEST_F(SandboxCore, WrongMoneyAndLostNews) {
  ok("POST",
     "/sandbox/faults",
     R"({"fault":"wrong_amount","by":-1,"metadata":{"payment_id":"p1"}})");
  ok("POST", "/sandbox/faults", R"({"fault":"wrong_currency"})");
  ok("POST", "/sandbox/faults", R"({"fault":"lost_webhook"})");
  EXPECT_EQ(buyer(session("p0"), "pay").at("currency"), "XTS");
  EXPECT_TRUE(owed().empty());
  EXPECT_EQ(buyer(session("p1"), "pay").at("total_amount"), 4899);
  EXPECT_EQ(owed().size(), 1u);
  const auto lost = ok("GET", "/sandbox/deliveries", "", {{"state", "lost"}}).at("deliveries");
  ASSERT_EQ(lost.size(), 1u);
  EXPECT_EQ(lost.at(0).at("metadata").at("payment_id"), "p0");
}

TEST_F(SandboxCore, DeliveriesAreRepeatedUntilTheyArrive) {
  buyer(session(), "pay", R"({"copies":2})");
  const auto owed = core_.take_owed();
  ASSERT_EQ(owed.size(), 2u);
  Deliveries& deliveries = core_.deliveries();
  auto wait = deliveries.finished(owed[0].seq, 0, "refused", k_now);
  ASSERT_TRUE(wait);
  for (int i = 0; i < 20; ++i) {
    const auto next = deliveries.finished(owed[0].seq, 503, "", k_now);
    ASSERT_TRUE(next);
    EXPECT_GE(*next, *wait);
    wait = next;
  }
  EXPECT_LE(*wait, std::chrono::seconds(2));
  EXPECT_EQ(deliveries.pending(), 2u);
  EXPECT_FALSE(deliveries.finished(owed[0].seq, 204, "", k_now));
  EXPECT_EQ(deliveries.pending(), 1u);
  const auto list = ok("GET", "/sandbox/deliveries", "", {{"state", "delivered"}}).at("deliveries");
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list.at(0).at("attempts"), 22);
  const Deliveries& kept = deliveries;
  EXPECT_EQ(kept.find(owed[0].seq)->id, kept.find(owed[1].seq)->id) << "copies have one webhook-id";
}

TEST_F(SandboxCore, PageIsPlainHtmlAndEscapes) {
  const auto id =
      ok("POST",
         "/checkouts",
         R"-({"product_cart":[{"product_id":"<script>alert(1)</script>","quantity":1,"amount":123456}],
                         "return_url":"javascript:alert(1)"})-")
          .at("session_id")
          .get<std::string>();
  const auto page = ask("GET", "/checkout/" + id);
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.body.find("1234.56 USD"), std::string::npos);
  EXPECT_EQ(page.body.find("<script>"), std::string::npos);
  EXPECT_EQ(page.body.find("javascript:"), std::string::npos);
  EXPECT_NE(page.body.find("Pay twice, late, out of order"), std::string::npos);
  const auto done = ask("POST", "/checkout/" + id + "/pay");
  EXPECT_EQ(done.status, 303);
  EXPECT_EQ(owed().size(), 1u);
  EXPECT_NE(ask("GET", "/checkout/" + id).body.find("Paid."), std::string::npos);
  EXPECT_EQ(ask("GET", "/checkout/nope").status, 404);
  EXPECT_EQ(ask("POST", "/checkout/" + id + "/fly").status, 404);
}

TEST_F(SandboxCore, TheHomePageShowsEveryGatewayAndItsButtonsWork) {
  const auto id = buyer(session(), "pay").at("payment_id").get<std::string>();
  const auto page = ask("GET", "/").body;
  for (const char* part : {">dodo<", ">paypal<", ">stripe<", "49.00 USD", "Dispute"})
    EXPECT_NE(page.find(part), std::string::npos) << part;
  EXPECT_NE(page.find("/act/payments/" + id + "/dispute"), std::string::npos);
  EXPECT_EQ(ask("POST", "/act/payments/" + id + "/dispute", "state=opened").status, 303);
  EXPECT_NE(ask("GET", "/").body.find("Dispute: won"), std::string::npos);
  EXPECT_EQ(ask("POST", "/act/payments/nope/dispute", "state=opened").status, 404);
  EXPECT_EQ(ask("POST", "/act/", "").status, 404);
}

TEST(MoneyText, HasTheDecimalsOfTheCurrency) {
  EXPECT_EQ(money_text(5, "USD"), "0.05 USD");
  EXPECT_EQ(money_text(-1234, "EUR"), "-12.34 EUR");
  EXPECT_EQ(money_text(1234, "JPY"), "1234 JPY");
  EXPECT_EQ(money_text(1234, "TND"), "1.234 TND");
}

}  // namespace
}  // namespace vozex::sandbox

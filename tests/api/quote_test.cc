// SPDX-License-Identifier: Apache-2.0
// Quotes through the real program: priced from the catalogue, honoured though it changes, accepted
// once, paid and delivered at their price.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <thread>

#include "tests/api/town.h"
#include "tests/support/loopback_server.h"

namespace vozex::api_test {
namespace {

using test::LoopbackServer;
using test::WireReply;
using test::WireRequest;
using ::testing::HasSubstr;

json editor(int personal_minor = 4900) {
  return {{"product", "editor"},
          {"title", "Text editor"},
          {"type", "development_tools"},
          {"category", "self_hosted"},
          {"delivery_model", "self_hosted_license"},
          {"price", {{"USD", 0}}},
          {"license_types",
           {{{"license_type", "personal"},
             {"title", "Personal"},
             {"price", {{"USD", personal_minor}}},
             {"seats", 2}}}},
          {"gateways", {{"enabled", {"dodo"}}}},
          {"fulfillment_config", {{"artefact", "editor.zip"}}}};
}

json of_editor(int quantity = 1) {
  return {
      {"currency", "USD"},
      {"items", {{{"product", "editor"}, {"license_type", "personal"}, {"quantity", quantity}}}}};
}

const json k_ann = {{"customer", {{"email", "ann@example.com"}}}};

class Quotes : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (!is_available(GetParam())) GTEST_SKIP() << "no VOZEX_TEST_POSTGRES";
    town_ = std::make_unique<Town>(GetParam());
    apply({editor(),
           {{"coupon", "HALF"}, {"title", "Half"}, {"percent", 50}},
           {{"tax", "DE"}, {"title", "VAT"}, {"basis_points", 1900}}});
  }

  void apply(const json& documents) {
    const Answer applied = town_->post("/v1/catalog", {{"documents", documents}});
    ASSERT_EQ(applied.status, 200) << applied.body << town_->server_log();
  }

  json quoted(const json& request, const Headers& more = {}) {
    const Answer made = town_->post("/v1/quotes", request, more);
    EXPECT_EQ(made.status, 201) << made.body << town_->server_log();
    return made.value();
  }

  Answer checkout(const json& quote, const json& body = k_ann) {
    return town_->post("/v1/quotes/" + quote["quote_id"].get<std::string>() + "/checkout", body);
  }

  std::unique_ptr<Town> town_;
};

INSTANTIATE_TEST_SUITE_P(Stores,
                         Quotes,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& one) { return name_of(one.param); });

TEST_P(Quotes, IsHonouredAtItsPriceThoughTheCatalogueChangesAndIsPaidAndDelivered) {
  json request = of_editor(3);
  request["coupon"] = "HALF";
  request["buyer"] = {{"country", "DE"}};
  const json quote = quoted(request);
  // 3 x 49.00 = 147.00, half of it off, 19 % of 73.50 is 13.965, half up.
  EXPECT_EQ(quote["totals"],
            (json{{"net", 14700}, {"discount", 7350}, {"tax", 1397}, {"total", 8747}}));
  int sum = 0;
  for (const json& line : quote["items"][0]["lines"]) sum += line["minor"].get<int>();
  EXPECT_EQ(sum, 8747);
  EXPECT_EQ(quote["status"], "open");

  apply(json::array({editor(9900)}));
  EXPECT_EQ(quoted(request)["totals"]["net"], 29700);

  const Answer placed = checkout(quote);
  ASSERT_EQ(placed.status, 201) << placed.body << town_->server_log();
  const std::string order_id = placed.value()["order_id"];
  const json order = town_->instance("order", order_id);
  EXPECT_EQ(order["input"]["total"], (json{{"minor", 8747}, {"currency", "USD"}}));
  EXPECT_EQ(order["input"]["gateway"], "dodo");
  EXPECT_EQ(order["input"]["quote_id"], quote["quote_id"]);
  EXPECT_EQ(order["input"]["metadata"]["items"][0]["license_type"], "personal");
  EXPECT_EQ(order["input"]["metadata"]["coupon"], "HALF");
  town_->buyer(placed.value()["checkout_url"], "pay");
  ASSERT_TRUE(town_->reaches("order", order_id, "fulfilled")) << town_->server_log();
  const json license = town_->instance("fulfillment_license_download", order_id + "-1");
  EXPECT_EQ(json::parse(license["data"]["license_document"].get<std::string>())["seats"], 6);
  const json after = town_->get("/v1/quotes/" + quote["quote_id"].get<std::string>()).value();
  EXPECT_EQ(after["status"], "accepted");
  EXPECT_EQ(after["order_id"], order_id);
}

TEST_P(Quotes, IsAcceptedOnce) {
  const json quote = quoted(of_editor());
  const Answer first = checkout(quote);
  ASSERT_EQ(first.status, 201) << first.body;
  const Answer again = checkout(quote);
  EXPECT_EQ(again.status, 200) << again.body;
  EXPECT_EQ(again.value()["order_id"], first.value()["order_id"]);
  EXPECT_EQ(again.value()["checkout_url"], first.value()["checkout_url"]);
  const Answer other = checkout(quote, {{"customer", {{"email", "bob@example.com"}}}});
  EXPECT_EQ(other.status, 409);
  EXPECT_EQ(other.value()["code"], "quote_accepted");
  EXPECT_EQ(ask("GET", town_->sandbox("/sandbox/requests?method=POST&path=/checkouts"))
                .value()["requests"]
                .size(),
            1u);
}

TEST_P(Quotes, OfACompanyIsPaidAfterItsPeopleAgreed) {
  const json quote = quoted(of_editor());
  json body = k_ann;
  body["approval"] = {
      {"requester", "rita"},
      {"levels", {{{"role", "boss"}, {"from", {{"minor", 1}, {"currency", "USD"}}}}}}};
  const Answer placed = checkout(quote, body);
  ASSERT_EQ(placed.status, 201) << placed.body << town_->server_log();
  EXPECT_EQ(placed.value()["status"], "awaiting_approval");
  EXPECT_EQ(placed.value().value("checkout_url", ""), "") << "nothing to pay on yet";
  const std::string order_id = placed.value()["order_id"];
  const json tasks = town_->get("/v1/tasks?queue=approvals").value()["items"];
  ASSERT_EQ(tasks.size(), 1u);
  const auto approve = [&](const std::string& who) {
    return town_
        ->post("/v1/tasks/" + tasks[0]["id"].get<std::string>() + "/complete",
               {{"action", "approve"},
                {"form", json::object()},
                {"actor", {{"id", who}, {"roles", {"boss"}}}}})
        .status;
  };
  EXPECT_NE(approve("rita"), 200) << "who asks doesn't approve";
  EXPECT_EQ(approve("bo"), 200);
  ASSERT_TRUE(eventually([&] {
    return !town_->instance("payment", order_id + "-p1")["data"].value("checkout_url", "").empty();
  })) << town_->server_log();
  const Answer again = checkout(quote, body);
  EXPECT_EQ(again.status, 200) << again.body;
  town_->buyer(again.value()["checkout_url"], "pay");
  EXPECT_TRUE(town_->reaches("order", order_id, "fulfilled")) << town_->server_log();
}

TEST_P(Quotes, ACouponIsUsedAsOftenAsItMay) {
  apply({{{"coupon", "ONE"}, {"title", "One"}, {"percent", 50}, {"max_uses", 1}},
         {{"coupon", "EACH"}, {"title", "Each"}, {"percent", 50}, {"max_uses_per_customer", 1}}});
  json request = of_editor();
  request["coupon"] = "ONE";
  const json quotes[] = {quoted(request), quoted(request)};
  Answer answers[2];
  std::thread other([&] { answers[1] = checkout(quotes[1]); });  // both want the last use
  answers[0] = checkout(quotes[0]);
  other.join();
  const int winner = answers[0].status == 201 ? 0 : 1;
  ASSERT_EQ(answers[winner].status, 201) << answers[winner].body << town_->server_log();
  EXPECT_EQ(answers[1 - winner].status, 409) << answers[1 - winner].body;
  EXPECT_EQ(answers[1 - winner].value()["code"], "coupon_used_up");
  EXPECT_EQ(checkout(quotes[1 - winner]).value()["code"], "coupon_used_up") << "and so it stays";
  EXPECT_EQ(checkout(quotes[winner]).status, 200);
  EXPECT_EQ(town_->instance("quota", "coupon/ONE")["data"]["used"], 1);
  const Answer late = town_->post("/v1/quotes", request);
  EXPECT_EQ(late.status, 422) << "who asks now is told at once";
  EXPECT_EQ(late.value()["refusals"][0],
            json({{"code", "coupon_used_up"},
                  {"pointer", "/coupon"},
                  {"detail", "the coupon ONE was used 1 of 1 times (coupon/ONE)"}}))
      << late.body;
  EXPECT_EQ(town_->post("/v1/quotes/preview", request).value()["ready"], false);

  const std::string order_id = answers[winner].value()["order_id"];
  ASSERT_EQ(town_
                ->post("/v1/events",
                       {{"id", "c1"},
                        {"source", "shop"},
                        {"type", "order.cancel"},
                        {"data", {{"order_id", order_id}, {"reason", "changed my mind"}}}})
                .status,
            200);
  ASSERT_TRUE(town_->reaches("quota", "coupon/ONE", "unused")) << town_->server_log();
  EXPECT_EQ(checkout(quoted(request)).status, 201) << "it is free again";

  request["coupon"] = "EACH";
  json named = k_ann;
  named["order_id"] = "ord_each";
  EXPECT_EQ(checkout(quoted(request), named).status, 201);
  EXPECT_EQ(checkout(quoted(request)).value()["code"], "coupon_used_up");
  const json bob = {{"customer", {{"email", "bob@example.com"}}}};
  json known = request;  // as soon as it is known who asks
  known["buyer"] = {
      {"customer_id", town_->instance("order", "ord_each")["input"]["customer"]["customer_id"]}};
  EXPECT_EQ(town_->post("/v1/quotes", known).value()["refusals"][0]["code"], "coupon_used_up");
  EXPECT_EQ(checkout(quoted(request), bob).status, 201);
}

TEST_P(Quotes, AUseOfACouponCountsOnceThoughTheServerIsKilled) {
  apply(json::array({{{"coupon", "TEN"}, {"title", "Ten"}, {"percent", 50}, {"max_uses", 10}}}));
  json request = of_editor();
  request["coupon"] = "TEN";
  for (int used = 1; used <= 3; ++used) {
    const json quote = quoted(request);
    std::thread buyer([&] { checkout(quote); });
    // Sooner or later while it is at work, whatever the machine does meanwhile.
    eventually([&] { return used == 1 || town_->status_of("quote", quote["quote_id"]) != "open"; });
    town_->server().kill(SIGKILL);
    town_->server().wait();
    buyer.join();
    town_->start_server();
    ASSERT_TRUE(town_->wait_until_ready()) << town_->server_log();
    ASSERT_TRUE(eventually([&] { return checkout(quote).status / 100 == 2; }));
    ASSERT_TRUE(eventually([&] {
      return town_->instance("quota", "coupon/TEN")["data"].value("used", 0) == used;
    })) << used
        << " " << town_->instance("quota", "coupon/TEN").dump(2);
  }
}

TEST_P(Quotes, ExpiresAndIsWithdrawn) {
  json request = of_editor();
  request["expires_in_seconds"] = 1;
  const json late = quoted(request);
  ASSERT_TRUE(town_->reaches("quote", late["quote_id"], "expired"));
  const Answer expired = checkout(late);
  EXPECT_EQ(expired.status, 409);
  EXPECT_EQ(expired.value()["code"], "quote_expired");

  const json quote = quoted(of_editor());
  const Answer withdrawn =
      town_->post("/v1/events",
                  {{"specversion", "1.0"},
                   {"id", "w1"},
                   {"source", "test"},
                   {"type", "quote.withdraw"},
                   {"data", {{"quote_id", quote["quote_id"]}, {"reason", "a mistake"}}}},
                  {});
  EXPECT_EQ(withdrawn.status, 200) << withdrawn.body;
  EXPECT_EQ(checkout(quote).value()["code"], "quote_withdrawn");
  EXPECT_EQ(checkout({{"quote_id", "quo_nobody"}}).value()["code"], "quote_not_found");
}

TEST_P(Quotes, AGatewayThatTheProductDoesntEnableIsRefused) {
  const json quote = quoted(of_editor());
  EXPECT_EQ(quote["gateways"], json::array({"dodo"}));
  json body = k_ann;
  body["gateway"] = "stripe";
  const Answer refused = checkout(quote, body);
  EXPECT_EQ(refused.status, 422) << refused.body;
  EXPECT_EQ(refused.value()["errors"][0]["pointer"], "/gateway");
  EXPECT_EQ(town_->get("/v1/quotes/" + quote["quote_id"].get<std::string>()).value()["status"],
            "open");
  json request = of_editor();
  request["gateway"] = "stripe";
  const Answer unquoted = town_->post("/v1/quotes", request);
  EXPECT_EQ(unquoted.status, 422);
  EXPECT_EQ(unquoted.value()["code"], "quote_refused");
  EXPECT_EQ(unquoted.value()["refusals"][0]["code"], "gateway_not_enabled");
}

TEST_P(Quotes, TheSameKeyIsTheSameQuote) {
  const Headers key = {"idempotency-key: k1"};
  const json first = quoted(of_editor(), key);
  apply(json::array({editor(100)}));
  const Answer again = town_->post("/v1/quotes", of_editor(), key);
  EXPECT_EQ(again.status, 200) << again.body;
  EXPECT_EQ(again.value()["quote_id"], first["quote_id"]);
  EXPECT_EQ(again.value()["totals"], first["totals"]);
  const Answer other = town_->post("/v1/quotes", of_editor(2), key);
  EXPECT_EQ(other.status, 422);
  EXPECT_EQ(other.value()["code"], "idempotency_key_reused");
}

TEST_P(Quotes, APreviewKeepsNothingAndSaysAllThatACheckoutWouldRefuse) {
  const Answer ready = town_->post("/v1/quotes/preview", of_editor());
  ASSERT_EQ(ready.status, 200) << ready.body;
  EXPECT_EQ(ready.value()["ready"], true) << ready.body;
  EXPECT_EQ(ready.value()["quote"]["totals"]["total"], 4900);

  json draft = editor();
  draft["product"] = "sketch";
  draft["status"] = "draft";
  apply(json::array({draft}));
  const Answer refused = town_->post(
      "/v1/quotes/preview",
      {{"currency", "USD"},
       {"coupon", "NONE"},
       {"gateway", "cash"},
       {"items",
        {{{"product", "sketch"}, {"license_type", "personal"}}, {{"product", "toaster"}}}}});
  const json said = refused.value();
  EXPECT_EQ(said["ready"], false);
  std::string codes;
  for (const json& one : said["refusals"]) codes += one["code"].get<std::string>() + " ";
  EXPECT_THAT(
      codes,
      HasSubstr("product_not_for_sale unknown_product gateway_not_configured unknown_coupon"));
  const json none = town_->get("/v1/instances?workflow=quote").value();
  EXPECT_EQ(none["items"], json::array());
}

TEST_P(Quotes, WhatNoDriverHereDeliversIsRefusedBeforeItIsPromised) {
  apply(json::array({json::parse(R"({
    "product": "tables", "title": "Tables", "type": "restaurant_pos", "category": "saas",
    "delivery_model": "saas_multitenant", "recurring": true, "cycles": ["annual"],
    "price": {"USD": 1000}, "plans": [{"plan": "one", "title": "One", "price": {"USD": 0},
      "sold_as": {"dodo": {"annual": {"USD": "pdt_one"}}}}],
    "gateways": {"enabled": ["dodo"]},
    "fulfillment_config": {"provider": "tables", "base_url": "https://tables.example",
      "auth_mode": "bearer", "credentials_ref": "TABLES"}})")}));
  const json request = {{"currency", "USD"}, {"items", {{{"product", "tables"}, {"plan", "one"}}}}};
  ask("POST",
      town_->sandbox("/sandbox/products"),
      json{{"product", "pdt_one"}, {"price", 9600}, {"months", 12}}.dump());
  const json preview = town_->post("/v1/quotes/preview", request).value();
  EXPECT_EQ(preview["quote"]["totals"]["total"], 9600);  // a year, 20 % off
  ASSERT_EQ(preview["refusals"].size(), 1u) << preview.dump(2);
  EXPECT_EQ(preview["refusals"][0]["code"], "not_deliverable_here");
  EXPECT_EQ(preview["refusals"][0]["pointer"], "/order/items/0/driver");
  EXPECT_EQ(town_->post("/v1/quotes", request).status, 422);
}

TEST_P(Quotes, ABodyThatIsNoRequestIsSaidAtItsFields) {
  json request = of_editor();
  request["items"][0]["licence"] = "x";
  const Answer refused = town_->post("/v1/quotes", request);
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(refused.value()["errors"][0]["pointer"], "/items/0/licence");
  const json quote = quoted(of_editor());
  EXPECT_EQ(checkout(quote, json::object()).value()["errors"][0]["pointer"], "/customer");
  EXPECT_EQ(checkout(quote, {{"customer", {{"email", "nobody"}}}}).value()["errors"][0]["pointer"],
            "/customer/email");
}

// A test of its own, since it needs a provider.
TEST(ProviderConnection, IsTestedWithASignedRequestThatChangesNothing) {
  std::string asked;
  LoopbackServer provider([&](const WireRequest& request) {
    asked = request.method + " " + request.target + " " + request.headers.at("authorization");
    return WireReply::answer(404, "{}");
  });
  TemporaryFolder secrets;
  write_text(secrets / "config.yaml",
             "adapters:\n  tables:\n    base: \"" + provider.url() +
                 "\"\n    secrets: {TABLES: \"file:" + (secrets / "key") + "\"}\n");
  write_text(secrets / "key", "the secret of the tests");
  const Town town(Kind::sqlite, {"--config", secrets / "config.yaml"});
  const auto vozex = [&](std::vector<std::string> words) {
    return run(words, {{"VOZEX_URL", town.api("")}, {"VOZEX_API_KEY", town.key()}});
  };
  json product = json::parse(R"({
    "product": "tables", "title": "Tables", "type": "restaurant_pos", "category": "saas",
    "delivery_model": "saas_multitenant", "price": {"USD": 1000}, "status": "draft",
    "plans": [{"plan": "one", "title": "One", "price": {"USD": 0}}],
    "gateways": {"enabled": ["dodo"]},
    "fulfillment_config": {"provider": "tables", "base_url": "https://tables.invalid",
      "auth_mode": "bearer", "credentials_ref": "TABLES"}})");
  ASSERT_EQ(town.post("/v1/catalog", {{"documents", {product, editor()}}}).status, 200);
  const Outcome good = vozex({"catalog", "test-connection", "tables", "-o", "json"});
  EXPECT_EQ(good.code, 0) << good.out << good.err;
  EXPECT_EQ(asked,
            "GET /api/marketplace/status/vozex-connection-test Bearer the secret of the tests");
  EXPECT_EQ(json::parse(good.out)[0]["step"], "done");
  EXPECT_THAT(vozex({"catalog", "test-connection", "editor"}).err, HasSubstr("no provider"));
  EXPECT_EQ(vozex({"catalog", "test-connection", "nothing"}).code, 3);
  product["fulfillment_config"]["credentials_ref"] = "OTHER";
  ASSERT_EQ(town.post("/v1/catalog", {{"documents", {product}}}).status, 200);
  const Outcome bad = vozex({"catalog", "test-connection", "tables"});
  EXPECT_EQ(bad.code, 1);
  EXPECT_THAT(bad.out, HasSubstr("VOZEX_SECRET_OTHER"));
  EXPECT_THAT(bad.out, ::testing::Not(HasSubstr("the secret of the tests")));
}

TEST(TaxService, TakesThePlaceOfTheBuiltInTaxByAFile) {
  LoopbackServer service([](const WireRequest& request) {
    const json asked = json::parse(request.body);
    const int minor = asked["lines"][0]["minor"];
    return WireReply::answer(
        200, json{{"name", "Sales tax"}, {"tax", minor / 100 * 7}, {"n", 0}}.dump());
  });
  const std::string url = service.url();
  Town town(Kind::sqlite, {"--adapter", "tax=" + url});
  town.server().kill(SIGTERM);
  town.server().wait();
  write_text(town.folder() / "workflows/adapters/tax.yaml", R"(vozex: 1
adapter: tax
http: {base: "https://tax.example"}
types:
  taxed_item: {item: int, product_id: string, category: optional<string>, minor: int}
  tax_line: {item: int, minor: int, how: optional<string>}
operations:
  assess:
    input: {country: string, tax_id: optional<string>, currency: string, items: list<taxed_item>}
    output: {title: string, items: list<tax_line>}
    repeat: safe
    read_only: true
    request: {method: POST, path: /rates, body: {country: "${input.country}", lines: "${input.items}"}}
    answers:
      200: {output: {title: "${response.body.name}", items: [{item: "${response.body.n}", minor: "${response.body.tax}"}]}}
)");
  town.start_server();
  ASSERT_TRUE(town.wait_until_ready()) << town.server_log();
  ASSERT_EQ(town.post("/v1/catalog", {{"documents", {editor()}}}).status, 200);
  json request = of_editor();
  request["buyer"] = {{"country", "US"}};
  const json preview = town.post("/v1/quotes/preview", request).value();
  EXPECT_EQ(preview["quote"]["totals"]["tax"], 343) << preview.dump(2) << town.server_log();
  EXPECT_EQ(preview["quote"]["items"][0]["lines"].back()["title"], "Sales tax");
}

// What docs/checkout.md shows, on the catalogue that is shipped.
TEST(CatalogDocs, TheExamplesOfTheDocsSayWhatTheyShow) {
  const Town town(Kind::sqlite);
  const auto vozex = [&](std::vector<std::string> words) {
    return run(words, {{"VOZEX_URL", town.api("")}, {"VOZEX_API_KEY", town.key()}});
  };
  ASSERT_EQ(vozex({"catalog", "apply", VOZEX_SOURCE_DIR "/catalog"}).code, 0);
  const std::string docs = read_text(VOZEX_SOURCE_DIR "/docs/checkout.md");
  const std::size_t begin = docs.find("```json\n") + 8;
  const std::string request = docs.substr(begin, docs.find("```", begin) - begin);
  write_text(town.folder() / "quote.json", request);
  const Outcome shown =
      vozex({"catalog", "preview", "@" + (town.folder() / "quote.json"), "-o", "json"});
  EXPECT_EQ(shown.code, 0) << shown.out << shown.err;
  const json quote = json::parse(shown.out)["quote"];
  for (const json& line : quote["items"][0]["lines"]) {
    EXPECT_THAT(docs, HasSubstr(line["how"].get<std::string>()));
    EXPECT_THAT(docs, HasSubstr(std::to_string(line["minor"].get<int>())));
  }
}

}  // namespace
}  // namespace vozex::api_test

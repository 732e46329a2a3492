// SPDX-License-Identifier: Apache-2.0
// What ops have of gateways: a test of the connection over API and command line, metrics, the alert
// rules that stand on them, and logs whose fields can be searched.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <set>

#include "engine/base/diagnostic.h"
#include "engine/language/source_text.h"
#include "engine/language/yaml_reader.h"
#include "tests/api/town.h"

namespace vozex::api_test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* k_rules = VOZEX_SOURCE_DIR "/docs/prometheus/vozex.rules.yml";
constexpr const char* k_rule_tests = VOZEX_SOURCE_DIR "/docs/prometheus/vozex.rules.test.yml";

class GatewayOps : public ::testing::Test {
 protected:
  Outcome vozex(std::vector<std::string> words) const {
    return run(words, {{"VOZEX_URL", town_.api("")}, {"VOZEX_API_KEY", town_.key()}});
  }
  void fault(const json& rule) const {
    ASSERT_EQ(ask("POST", town_.sandbox("/sandbox/faults"), rule.dump()).status, 200);
  }

  Town town_{Kind::sqlite, {"--log", "json"}};
};

TEST_F(GatewayOps, AConnectionIsTestedInPlainWords) {
  EXPECT_THAT(vozex({"gateway", "ls"}).out, HasSubstr("/webhooks/paypal"));
  for (const char* name : {"dodo", "paypal", "stripe"}) {
    const Outcome good = vozex({"gateway", "test", name});
    EXPECT_EQ(good.code, 0) << good.err;
  }
  const Answer unknown = town_.post("/v1/gateways/bitcoin/test", json::object());
  EXPECT_EQ(unknown.status, 404) << unknown.body;
  EXPECT_EQ(ask("POST", town_.api("/v1/gateways/stripe/test")).status, 401) << "needs a key";
  fault({{"fault", "down"}, {"gateway", "stripe"}});
  const Answer away = town_.post("/v1/gateways/stripe/test", json::object());
  EXPECT_EQ(away.status, 200);
  EXPECT_EQ(away.value()["ok"], false);
  EXPECT_EQ(away.value()["code"], "unreachable");
  const Outcome said = vozex({"gateway", "test", "stripe"});
  EXPECT_EQ(said.code, 1);
  EXPECT_THAT(said.err, HasSubstr("next: "));
  EXPECT_THAT(said.err + said.out + away.body, Not(HasSubstr("sk_test")));
}

// The name that Prometheus knows the series of a histogram by.
std::string family_of(const std::string& series) {
  return std::regex_replace(series, std::regex("_(bucket|sum|count)$"), "");
}

TEST_F(GatewayOps, EveryAlertStandsOnMetricsThatAreThere) {
  const std::string url = town_.checkout("o-1", 1, 0, "stripe").value()["checkout_url"];
  town_.buyer(url, "pay");
  ASSERT_TRUE(town_.reaches("order", "o-1", "fulfilled")) << town_.server_log();
  ASSERT_EQ(ask("POST", town_.api("/webhooks/stripe"), "{}").status, 401);
  fault({{"fault", "wrong_amount"}, {"by", -100}});
  const std::string short_one = town_.checkout("o-2", 1, 0, "stripe").value()["checkout_url"];
  town_.buyer(short_one, "pay");
  ASSERT_TRUE(town_.reaches("payment", "o-2-p1", "review"));
  const auto mismatches = [&](const std::string& labels) {
    return town_.metric("vozex_gateway_mismatches_total{" + labels + "}");
  };
  EXPECT_TRUE(eventually([&] { return mismatches(R"(gateway="stripe",kind="amount")") == 1; }));
  EXPECT_EQ(mismatches(R"(gateway="stripe",kind="currency")"), 0);
  EXPECT_EQ(mismatches(R"(gateway="dodo",kind="amount")"), 0);

  const std::string metrics = ask("GET", town_.api("/metrics")).body;
  EXPECT_THAT(metrics,
              HasSubstr("vozex_gateway_calls_total{gateway=\"stripe\",operation="
                        "\"create_checkout\",outcome=\"ok\"} 2"));
  EXPECT_THAT(metrics, HasSubstr("reason=\"webhook_header_missing\"} 1"));
  EXPECT_THAT(metrics, HasSubstr("vozex_gateway_webhook_lag_seconds_bucket{gateway=\"stripe\""));
  EXPECT_THAT(metrics, HasSubstr("vozex_tasks_open{queue=\"payments\"} 1"));

  const std::string text = read_text(k_rules);
  const language::SourceText source(k_rules, text);
  std::vector<Diagnostic> wrong;
  ASSERT_TRUE(language::read_yaml(source, wrong));
  EXPECT_TRUE(wrong.empty());
  std::size_t named = 0;
  const std::regex series("\\b(vozex_[a-z_]+)");
  const std::regex expressions("expr:([^]*?)\\n        (for|labels):");
  for (std::sregex_iterator rule(text.begin(), text.end(), expressions), end; rule != end; ++rule) {
    const std::string expression = (*rule)[1];
    for (std::sregex_iterator it(expression.begin(), expression.end(), series); it != end; ++it) {
      ++named;
      EXPECT_THAT(metrics, HasSubstr("# TYPE " + family_of((*it)[1]) + " ")) << expression;
    }
  }
  EXPECT_GE(named, 10u);
}

TEST(AlertRules, PrometheusTakesThem) {
  const std::string promtool = "/usr/bin/promtool";
  if (!std::filesystem::exists(promtool)) GTEST_SKIP() << "no promtool (package prometheus)";
  EXPECT_EQ(std::system((promtool + " check rules " + k_rules + " >/dev/null").c_str()), 0);
  EXPECT_EQ(std::system((promtool + " test rules " + k_rule_tests + " >/dev/null").c_str()), 0);
}

TEST_F(GatewayOps, NobodyElseSignsLikeAGateway) {
  const Answer forged = town_.post("/v1/events",
                                   {{"id", "e1"},
                                    {"source", "gateway:stripe"},
                                    {"type", "payment.succeeded"},
                                    {"data",
                                     {{"payment_id", "o-1-p1"},
                                      {"gateway_ref", "pi_1"},
                                      {"amount", {{"minor", 4900}, {"currency", "USD"}}},
                                      {"captured_total", 4900}}}});
  EXPECT_EQ(forged.status, 422) << forged.body;
  EXPECT_THAT(forged.body, HasSubstr("choose another source"));
}

// Started by itself, a part of an order would deliver what nobody has paid for.
TEST_F(GatewayOps, NobodyWithAKeyStartsWhatIsAPartOfAnOrder) {
  const auto start = [&](const std::string& workflow, const json& input) {
    return town_.post("/v1/instances", {{"workflow", workflow}, {"input", input}});
  };
  const Answer delivery = start("fulfillment_license_download",
                                {{"order_id", "o-1"},
                                 {"order_item_id", "o-1-1"},
                                 {"product_id", "editor"},
                                 {"customer_id", "c-1"},
                                 {"title", "Editor"},
                                 {"config", json::object()}});
  EXPECT_EQ(delivery.status, 403) << delivery.body;
  EXPECT_EQ(delivery.value()["code"], "start_reserved");
  EXPECT_THAT(delivery.body, HasSubstr("is started by workflows only"));
  for (const char* workflow :
       {"payment", "dispute", "chargeback", "invoice", "dunning", "quota", "subscription_change"}) {
    const Answer answer = start(workflow, json::object());
    EXPECT_EQ(answer.status, 403) << workflow << answer.body;
    EXPECT_EQ(answer.value()["code"], "start_reserved") << workflow;
  }
  EXPECT_TRUE(town_.all("/v1/instances").empty());
  EXPECT_EQ(start("refund", {{"request_id", "r-1"}, {"order_id", "nobody"}}).status, 201)
      << "shops ask for these";
}

TEST_F(GatewayOps, NobodyWithAKeyTellsOfMoneyOrSpeaksForAWorkflow) {
  const auto posted = [&](const std::string& type, const json& data) {
    return town_.post("/v1/events",
                      {{"id", type}, {"source", "shop"}, {"type", type}, {"data", data}});
  };
  const Answer paid = posted("payment.succeeded",
                             {{"payment_id", "o-1-p1"},
                              {"gateway_ref", "pi_1"},
                              {"amount", {{"minor", 4900}, {"currency", "USD"}}},
                              {"captured_total", 4900}});
  EXPECT_EQ(paid.status, 403) << paid.body;
  EXPECT_EQ(paid.value()["code"], "event_reserved");
  const Answer granted = posted("refund.granted",
                                {{"request_id", "r-1"},
                                 {"payment_id", "o-1-p1"},
                                 {"order_id", "o-1"},
                                 {"gateway", "stripe"},
                                 {"parts", json::array()}});
  EXPECT_EQ(granted.status, 403) << granted.body;
  EXPECT_THAT(granted.body, HasSubstr("is told by workflows only"));
  for (const char* type : {"service.suspend", "service.resume", "service.cancel"}) {
    const Answer service = posted(type, {{"order_item_id", "o-1-1"}, {"reason", "a test"}});
    EXPECT_EQ(service.status, 403) << service.body;
    EXPECT_EQ(service.value()["code"], "event_reserved");
  }
  const json ended = {{"id", "s"},
                      {"source", "shop"},
                      {"type", "subscription.cancelled"},
                      {"data", {{"subscription_id", "o-1-s1"}}}};
  const Answer explained = town_.post("/v1/events:explain", ended);
  EXPECT_EQ(explained.status, 403) << "what would become of it, and no more";
  const json batch =
      town_
          .post("/v1/events",
                json::array({ended,
                             {{"id", "c"},
                              {"source", "shop"},
                              {"type", "order.cancel"},
                              {"data", {{"order_id", "nobody"}, {"reason", "a test"}}}}}))
          .value();
  ASSERT_EQ(batch.size(), 2u);
  EXPECT_EQ(batch[0]["problem"]["code"], "event_reserved");
  EXPECT_EQ(batch[0]["problem"]["status"], 403);
  EXPECT_EQ(batch[1]["outcome"], "waiting");
}

TEST_F(GatewayOps, LogsOfPaymentsHaveTheirFields) {
  const std::string url = town_.checkout("o-1", 1, 0, "stripe").value()["checkout_url"];
  town_.buyer(url, "pay");
  ASSERT_TRUE(town_.reaches("order", "o-1", "fulfilled")) << town_.server_log();
  std::set<std::string> seen;
  std::istringstream lines(town_.server_log());
  for (std::string line; std::getline(lines, line);) {
    const json entry = json::parse(line, nullptr, false);
    ASSERT_TRUE(entry.is_object()) << line;
    if (entry.value("order_id", "") != "o-1" || entry.value("gateway", "") != "stripe") continue;
    if (entry.contains("operation")) seen.insert(entry["operation"]);
    if (entry.contains("event_id") && entry.value("payment_id", "") == "o-1-p1")
      seen.insert(entry.value("type", ""));
  }
  EXPECT_THAT(seen, ::testing::IsSupersetOf({"create_checkout", "payment.succeeded"}));
  EXPECT_THAT(town_.server_log(), Not(HasSubstr("sk_test")));
}

}  // namespace
}  // namespace vozex::api_test

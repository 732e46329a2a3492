// SPDX-License-Identifier: Apache-2.0
#include "tests/api/plans.h"

#include <algorithm>
#include <stdexcept>

namespace vozex::api_test {
namespace {

// "pdt_suite_solo_12", "P-suite-solo-12"; Stripe's are for changes only.
std::string ref_of(const std::string& gateway,
                   const std::string& product,
                   const std::string& plan,
                   int months) {
  const std::string prefix = gateway == "dodo" ? "pdt_" : gateway == "paypal" ? "P-" : "price_";
  return prefix + product + "_" + plan + "_" + std::to_string(months);
}

json sold_as(const std::string& product, const std::string& plan) {
  json out;
  for (const char* gateway : {"dodo", "paypal"}) {
    out[gateway] = {{"monthly", {{"USD", ref_of(gateway, product, plan, 1)}}},
                    {"annual", {{"USD", ref_of(gateway, product, plan, 12)}}}};
  }
  return out;
}

json plan(const std::string& product, const char* id, int minor) {
  return {
      {"plan", id}, {"title", id}, {"price", {{"USD", minor}}}, {"sold_as", sold_as(product, id)}};
}

std::vector<std::int64_t> sorted(std::vector<std::int64_t> amounts) {
  std::sort(amounts.begin(), amounts.end());
  return amounts;
}

}  // namespace

json suite(const std::string& id, int trial_days, int base_minor) {
  json product = {
      {"product", id},
      {"title", "Suite"},
      {"type", "development_tools"},
      {"category", "self_hosted"},
      {"delivery_model", "self_hosted_license"},
      {"recurring", true},
      {"cycles", {"monthly", "annual"}},
      {"price", {{"USD", base_minor}}},
      {"plans", {plan(id, "solo", 1000), plan(id, "team", 3000)}},
      {"features", {{{"feature", "sync"}, {"title", "Sync"}, {"price", {{"USD", 499}}}}}},
      {"license_types",
       {{{"license_type", "seat"}, {"title", "Seat"}, {"price", {{"USD", 0}}}, {"seats", 1}}}},
      {"gateways", {{"enabled", {"dodo", "paypal", "stripe"}}}},
      {"fulfillment_config", {{"artefact", "editor.zip"}}}};
  if (trial_days > 0) product["trial_days"] = trial_days;
  return product;
}

Plans::Plans(const Place& place, std::vector<std::string> serve_arguments)
    : market_(place.kind, place.gateway, std::move(serve_arguments)) {
  apply({suite("suite", 14), suite("suite_now", 0)});
  for (const auto& [product, days] : {std::pair{"suite", 14}, std::pair{"suite_now", 0}}) {
    list_at_sandbox(std::string(product) + "_solo", k_solo, days);
    list_at_sandbox(std::string(product) + "_team", k_team, days);
  }
}

// A year is 20 % off. PayPal's own price is never charged: the quote's is.
void Plans::list_at_sandbox(const std::string& plan, std::int64_t monthly, int trial_days) const {
  const std::string prefix = market_.gateway() == "dodo"     ? "pdt_"
                             : market_.gateway() == "paypal" ? "P-"
                                                             : "price_";
  for (const int months : {1, 12}) {
    market_.at_sandbox("/sandbox/products",
                       {{"product", prefix + plan + "_" + std::to_string(months)},
                        {"price", months == 12 ? monthly * 12 * 8 / 10 : monthly},
                        {"months", months},
                        {"trial_days", trial_days}});
  }
}

void Plans::apply(const json& documents) const {
  const Answer applied = town().post("/v1/catalog", {{"documents", documents}});
  if (applied.status != 200) throw std::runtime_error(applied.body + town().server_log());
}

json Plans::solo(const std::string& product) {
  return {{"currency", "USD"},
          {"cycle", "monthly"},
          {"items", {{{"product", product}, {"plan", "solo"}, {"license_type", "seat"}}}}};
}

json Plans::quoted(const json& request) const {
  const Answer made = town().post("/v1/quotes", request);
  EXPECT_EQ(made.status, 201) << made.body << town().server_log();
  return made.value();
}

Answer Plans::checkout(const json& quote, const std::string& order_id, const json& more) const {
  json body = {{"customer", {{"email", order_id + "@example.com"}}},
               {"gateway", market_.gateway()},
               {"order_id", order_id}};
  body.update(more);
  return town().post("/v1/quotes/" + quote.value("quote_id", "") + "/checkout", body);
}

std::string Plans::order(const std::string& order_id, const json& request, const json& more) const {
  const Answer placed = checkout(quoted(request), order_id, more);
  EXPECT_EQ(placed.status, 201) << placed.body << town().server_log();
  return placed.value().value("checkout_url", "");
}

void Plans::subscribe(const std::string& order_id, const json& request) const {
  const std::string page = order(order_id, request);
  EXPECT_NE(page, "");
  EXPECT_EQ(market_.buyer(page, "pay").status, 200);
  EXPECT_TRUE(market_.reaches("order", order_id, "subscribed"))
      << subscription(order_id).dump(2) << town().server_log();
}

void Plans::ask_for(const std::string& order_id, const std::string& request_id, json order) const {
  order["request_id"] = request_id;
  const Answer asked =
      town().post("/v1/events",
                  {{"id", request_id},
                   {"source", "/shop"},
                   {"type", "subscription_change.asked"},
                   {"data", {{"subscription_id", order_id + "-s1"}, {"order", order}}}});
  EXPECT_EQ(asked.status, 200) << asked.body;
}

json Plans::there(const std::string& order_id) const {
  const json all = ask("GET",
                       town().sandbox("/sandbox/subscriptions?gateway=" + market_.gateway() +
                                      "&metadata.subscription_id=" + order_id + "-s1"))
                       .value()["subscriptions"];
  return all.empty() ? json::object() : all[0];
}

void Plans::advance(const std::string& span) const {
  market_.at_sandbox("/sandbox/clock", {{"advance", span}});
}

void Plans::at_gateway(const std::string& order_id, const std::string& does) const {
  market_.at_sandbox(
      "/sandbox/subscriptions/" + there(order_id).value("subscription_id", "nobody") + "/" + does,
      json::object());
}

std::vector<json> Plans::payments(const std::string& order_id) const {
  const std::string ref = there(order_id).value("subscription_id", "");
  const json all =
      ask("GET", town().sandbox("/sandbox/payments?limit=1000&gateway=" + market_.gateway()))
          .value();
  std::vector<json> of_it;
  for (const json& one : all.at("payments")) {
    if (one.at("subscription_id") == ref) of_it.push_back(one);
  }
  return of_it;
}

std::string Plans::ref(const std::string& plan, int months) const {
  return ref_of(market_.gateway(), "suite", plan, months);
}

void Plans::account_for(const std::string& order_id) const {
  std::vector<std::int64_t> theirs;
  for (const json& payment : payments(order_id)) {
    if (payment["captured"] > 0) theirs.push_back(payment["captured"]);
  }
  std::vector<std::int64_t> ours;
  EXPECT_TRUE(eventually([&] {
    ours.clear();
    const json mine = subscription(order_id);
    for (const json& charge : mine.at("data").at("charges")) ours.push_back(charge.at("minor"));
    return sorted(ours) == sorted(theirs);
  })) << "charged here "
      << json(ours) << ", there " << json(theirs) << subscription(order_id).dump(2);
  EXPECT_EQ(town().all("/v1/instances?incident=true"), std::vector<json>{});
  EXPECT_TRUE(eventually([&] { return town().all("/v1/calls").empty(); }))
      << json(town().all("/v1/calls")).dump(2);
}

void Plans::hasten_dunning(const std::string& suspend_after) const {
  const std::string folder = VOZEX_SOURCE_DIR "/workflows/commerce/";
  std::string text = read_text(folder + "dunning.yaml");
  const auto replace = [&](const std::string& from, const std::string& to, const std::string& by) {
    const std::size_t begin = text.find(from);
    const std::size_t end = text.find(to, begin);
    if (begin == std::string::npos || end == std::string::npos)
      throw std::runtime_error("dunning.yaml has no `" + from + "`");
    text.replace(begin, end - begin, by);
  };
  replace("version: 1", "\n", "version: 2");
  replace("- {at: 3d, retry", "- {at: 24d", "- {at: " + suspend_after + ", suspend: true}\n      ");
  const Answer deployed = town().post(
      "/v1/workflows",
      {{"files",
        {{{"name", "dunning.yaml"}, {"text", text}},
         {{"name", "commerce.types.yaml"}, {"text", read_text(folder + "commerce.types.yaml")}}}}});
  EXPECT_LT(deployed.status, 300) << deployed.body;
}

}  // namespace vozex::api_test

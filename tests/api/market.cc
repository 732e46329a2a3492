// SPDX-License-Identifier: Apache-2.0
#include "tests/api/market.h"

#include <gtest/gtest.h>

#include <map>

namespace vozex::api_test {
namespace {

// What the gateway has of one payment of ours: several where the buyer paid twice.
struct Sums {
  std::int64_t captured = 0;
  std::int64_t refunded = 0;
  std::int64_t disputed = 0;
  std::int64_t charged_back = 0;
};

bool is_lost(const std::string& state) {
  return state == "lost" || state == "accepted" || state == "expired";
}

Sums sums_of(const json& payments) {
  Sums sums;
  for (const json& payment : payments) {
    sums.captured += payment["captured"].get<std::int64_t>();
    sums.refunded += payment["refunded"].get<std::int64_t>();
    for (const json& dispute : payment["disputes"]) {
      const std::string state = dispute["state"];
      const auto amount = dispute["amount"].get<std::int64_t>();
      if (is_lost(state)) sums.charged_back += amount;
      if (state == "opened" || state == "challenged") sums.disputed += amount;
    }
  }
  return sums;
}

Sums sums_of_instance(const json& data) {
  Sums sums;
  for (const json& capture : data["captures"])
    sums.captured += capture["minor"].get<std::int64_t>();
  for (const json& refund : data["refunds"]) sums.refunded += refund.get<std::int64_t>();
  for (const json& dispute : data["disputes"]) {
    if (dispute["state"] == "lost") sums.charged_back += dispute["amount"].get<std::int64_t>();
    if (dispute["state"] == "opened") sums.disputed += dispute["amount"].get<std::int64_t>();
  }
  return sums;
}

}  // namespace

std::string Market::place(const std::string& order_id, int items) const {
  const Answer answer = town_.checkout(order_id, items, 0, gateway_);
  EXPECT_EQ(answer.status / 100, 2) << answer.body;
  std::string url = answer.value().value("checkout_url", "");
  if (!url.empty()) return url;
  // The gateway had no page yet when patience ended.
  eventually([&] {
    url = town_.instance("payment", order_id + "-p1")["data"].value("checkout_url", "");
    return !url.empty();
  });
  return url;
}

bool Market::sell(const std::string& order_id, int items) const {
  const std::string page = place(order_id, items);
  return !page.empty() && buyer(page, "pay").status == 200 &&
         reaches("order", order_id, "fulfilled");
}

bool Market::shows(const std::string& workflow,
                   const std::string& key,
                   const std::string& status) const {
  return eventually([&] { return town_.status_of(workflow, key) == status; });
}

int Market::download(const std::string& order_id, int item) const {
  const json delivery =
      town_.instance("fulfillment_license_download", order_id + "-" + std::to_string(item));
  if (delivery.empty()) return 0;
  return ask("HEAD", delivery["data"].value("download_url", "")).status;
}

Answer Market::refund(const std::string& request_id, const std::string& order_id, json more) const {
  json input = {{"request_id", request_id}, {"order_id", order_id}, {"reason", "a test"}};
  if (more.is_object()) input.update(more);
  return town_.post("/v1/instances", {{"workflow", "refund"}, {"input", input}});
}

Answer Market::act(const std::string& workflow,
                   const std::string& key,
                   const std::string& action,
                   const std::string& role,
                   json form) const {
  const std::string id = town_.instance(workflow, key).value("id", "");
  return town_.post("/v1/instances/" + id + "/actions/" + action,
                    {{"form", std::move(form)}, {"actor", {{"id", "fay"}, {"roles", {role}}}}});
}

json Market::payments_of(const std::string& order_id) const {
  return ask("GET",
             town_.sandbox("/sandbox/payments?gateway=" + gateway_ +
                           "&metadata.payment_id=" + order_id + "-p1"))
      .value()["payments"];
}

std::string Market::gateway_ref(const std::string& order_id) const {
  for (const json& payment : payments_of(order_id)) {
    if (payment["captured"] > 0) return payment["payment_id"];
  }
  return "";
}

bool Market::told(const std::string& order_id) const {
  const std::string path =
      "/sandbox/deliveries?state=delivered&metadata.payment_id=" + order_id + "-p1";
  return eventually([&] { return !ask("GET", town_.sandbox(path)).value()["deliveries"].empty(); });
}

Answer Market::at_gateway(const std::string& order_id,
                          const std::string& does,
                          const json& body) const {
  return at_sandbox("/sandbox/payments/" + gateway_ref(order_id) + "/" + does, body);
}

Answer Market::at_sandbox(const std::string& path, const json& body) const {
  const Answer answer =
      ask("POST", town_.sandbox(path), body.dump(), {"content-type: application/json"});
  EXPECT_EQ(answer.status, 200) << path << " " << answer.body;
  return answer;
}

void Market::fault(json rule) const {
  rule["gateway"] = gateway_;
  at_sandbox("/sandbox/faults", rule);
}

json Market::requests(const std::string& query) const {
  return ask("GET", town_.sandbox("/sandbox/requests?gateway=" + gateway_ + "&" + query))
      .value()["requests"];
}

void Market::account_for(const std::string& payment_id, const json& there) const {
  const json instance = town_.instance("payment", payment_id);
  ASSERT_TRUE(instance.contains("data")) << payment_id << " is unknown here: " << there.dump(2);
  const Sums theirs = sums_of(there);
  Sums ours;
  // A webhook may book a refund before the refund itself has heard the gateway's answer and says
  // that it is over: until then the payment keeps the money for it.
  bool keeps = true;
  const bool agreed = eventually([&] {
    const json data = town_.instance("payment", payment_id)["data"];
    ours = sums_of_instance(data);
    keeps = !data["granted"].empty();
    return !keeps && ours.captured == theirs.captured && ours.refunded == theirs.refunded &&
           ours.disputed == theirs.disputed && ours.charged_back == theirs.charged_back;
  });
  EXPECT_TRUE(agreed) << payment_id << ": captured " << ours.captured << " of " << theirs.captured
                      << ", refunded " << ours.refunded << " of " << theirs.refunded
                      << ", disputed " << ours.disputed << " of " << theirs.disputed
                      << ", charged back " << ours.charged_back << " of " << theirs.charged_back
                      << "\n"
                      << (keeps ? "it keeps money for a refund that is over\n" : "")
                      << there.dump(2) << town_.instance("payment", payment_id).dump(2);
}

std::size_t Market::account_for_every_cent() const {
  const json all = ask("GET", town_.sandbox("/sandbox/payments?limit=1000&gateway=" + gateway_))
                       .value()["payments"];
  std::map<std::string, json> of_payment;
  for (const json& payment : all) of_payment[payment["metadata"]["payment_id"]].push_back(payment);
  for (const auto& [payment_id, there] : of_payment) account_for(payment_id, there);
  EXPECT_TRUE(eventually([&] { return town_.all("/v1/calls").empty(); }))
      << json(town_.all("/v1/calls")).dump(2);
  EXPECT_EQ(town_.all("/v1/instances?incident=true"), std::vector<json>{});
  EXPECT_TRUE(eventually([&] { return town_.metric("vozex_events_parked") == 0; }));
  return of_payment.size();
}

}  // namespace vozex::api_test

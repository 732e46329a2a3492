// SPDX-License-Identifier: Apache-2.0
#include "tests/api/shoppers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <set>

namespace vozex::api_test {
namespace {

void account_for_orders(const Town& town, int orders_wanted) {
  std::map<std::string, json> orders;
  const bool all_there = eventually(
      [&] {
        orders.clear();
        for (json& one : town.all("/v1/instances?workflow=order")) orders[one["key"]] = one;
        return std::ssize(orders) == orders_wanted &&
               std::all_of(orders.begin(), orders.end(), [](const auto& one) {
                 return one.second["state"] == "fulfilled";
               });
      },
      k_patience);
  for (const auto& [key, one] : orders) {
    EXPECT_EQ(one["state"], "fulfilled")
        << one.dump() << town.instance("payment", key + "-p1").dump(2);
    EXPECT_EQ(one["incident"], false);
  }
  ASSERT_TRUE(all_there) << orders.size() << " orders";
  const auto payments = town.all("/v1/instances?workflow=payment");
  EXPECT_EQ(payments.size(), static_cast<std::size_t>(orders_wanted));
  for (const json& payment : payments) EXPECT_EQ(payment["status"], "captured") << payment.dump();
  EXPECT_TRUE(eventually([&] { return town.all("/v1/calls").empty(); }))
      << json(town.all("/v1/calls")).dump(2);
  EXPECT_EQ(town.metric("vozex_events_parked"), 0);
  EXPECT_TRUE(town.all("/v1/instances?incident=true").empty());
}

void account_for_licences(const Town& town, int orders_wanted) {
  std::size_t items = 0;
  for (int number = 0; number < orders_wanted; ++number)
    items += static_cast<std::size_t>(items_of(number));
  std::set<std::string> licences;
  for (int number = 0; number < orders_wanted; ++number) {
    for (int item = 1; item <= items_of(number); ++item) {
      const std::string key = order_id(number) + "-" + std::to_string(item);
      const json delivery = town.instance("fulfillment_license_download", key);
      EXPECT_EQ(delivery["state"], "active") << key;
      EXPECT_EQ(delivery["data"]["attempts"], 1) << key;
      licences.insert(delivery["data"].value("license_id", ""));
    }
  }
  EXPECT_EQ(licences.size(), items);
  EXPECT_EQ(town.all("/v1/instances?workflow=fulfillment_license_download").size(), items);
  EXPECT_EQ(town.database().count("SELECT count(*) FROM licenses"), static_cast<long>(items));
  EXPECT_EQ(town.database().count("SELECT count(DISTINCT order_item_id) FROM licenses"),
            static_cast<long>(items));
}

// Sequence numbers without gaps, from 1 to what the instance says.
void account_for_history(const Town& town) {
  for (const json& one : town.all("/v1/instances")) {
    const std::string id = one["id"];
    std::uint32_t expected = 0;
    for (const json& entry : town.all("/v1/instances/" + id + "/history")) {
      EXPECT_EQ(entry["seq"], ++expected) << one.dump();
    }
    EXPECT_EQ(one["seq"], expected) << one.dump();
  }
}

// Every request that left is explained. A page is made once for a payment; where it was made again,
// the first outcome was unknown, and the gateway was asked in between.
void account_for_requests(const Town& town, int orders_wanted) {
  std::map<std::string, std::vector<std::int64_t>> pages;  // payment -> requests that made a page
  std::vector<std::int64_t> questions;
  std::int64_t after = 0;
  for (;;) {
    const json page =
        ask("GET", town.sandbox("/sandbox/requests?limit=1000&after=" + std::to_string(after)))
            .value();
    EXPECT_EQ(page["dropped"], 0);
    for (const json& request : page["requests"]) {
      after = request["seq"];
      if (request["method"] == "POST" && request["path"] == "/checkouts") {
        EXPECT_EQ(request["metadata"]["payment_id"],
                  request["metadata"]["order_id"].get<std::string>() + "-p1");
        pages[request["metadata"]["payment_id"]].push_back(after);
      } else {
        EXPECT_EQ(request["method"], "GET") << "only pages are made here: " << request.dump();
        questions.push_back(after);
      }
    }
    if (page["requests"].size() < 1000) break;
  }
  EXPECT_EQ(pages.size(), static_cast<std::size_t>(orders_wanted));
  int again = 0;
  for (const auto& [payment, requests] : pages) {
    for (std::size_t i = 1; i < requests.size(); ++i) {
      ++again;
      EXPECT_TRUE(std::any_of(questions.begin(),
                              questions.end(),
                              [&, made = &requests](std::int64_t question) {
                                return question > (*made)[i - 1] && question < (*made)[i];
                              }))
          << payment << " got a second page without a question";
    }
  }
  std::cout << questions.size() << " questions to the gateway, " << again
            << " pages made again after one\n";
}

}  // namespace

std::string order_id(int number) { return "o-" + std::to_string(number); }
int items_of(int number) { return number % 7 == 0 ? 2 : 1; }

Shoppers::Shoppers(const Town& town, int orders, int shoppers) : town_(town), orders_(orders) {
  for (int i = 0; i < shoppers; ++i) threads_.emplace_back([this] { shop(); });
}

void Shoppers::join() {
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

bool Shoppers::reach(double share) const {
  const int wanted = static_cast<int>(share * 2 * orders_);
  return eventually([&] { return progress() >= wanted; }, k_patience);
}

void Shoppers::shop() {
  for (;;) {
    const int number = next_.fetch_add(1);
    if (number >= orders_) return;
    if (!buy(number)) failures_.fetch_add(1);
  }
}

bool Shoppers::buy(int number) {
  std::string url;
  std::size_t server = static_cast<std::size_t>(number);
  progress_.fetch_add(1);
  const bool placed = eventually(
      [&] {
        const Answer answer =
            town_.checkout(order_id(number), items_of(number), server++ % town_.servers());
        const json value = answer.value();
        if (answer.status / 100 == 2 && value.contains("checkout_url")) url = value["checkout_url"];
        if (url.empty()) retries_.fetch_add(1);
        return !url.empty();
      },
      k_patience);
  if (!placed) return false;
  if (number % 5 == 0) town_.buyer(url, "decline");
  const bool paid = town_.buyer(url, "pay").status == 200;
  progress_.fetch_add(1);
  return paid;
}

void account_for(const Town& town, int orders) {
  ASSERT_NO_FATAL_FAILURE(account_for_orders(town, orders));
  account_for_licences(town, orders);
  account_for_history(town);
  account_for_requests(town, orders);
}

}  // namespace vozex::api_test

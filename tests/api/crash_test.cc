// SPDX-License-Identifier: Apache-2.0
// A killed process loses nothing and applies nothing twice: 200 orders are driven through a server
// that is killed with SIGKILL 20 times at random moments; then every order, licence, history entry
// and outgoing request is accounted for. VOZEX_CRASH_SEED repeats a run's moments.
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <random>
#include <set>
#include <thread>

#include "tests/api/town.h"

namespace vozex::api_test {
namespace {

constexpr int k_orders = 200;
constexpr int k_kills = 20;
constexpr int k_shoppers = 8;
constexpr std::chrono::seconds k_patience{240};

std::string order_id(int number) { return "o-" + std::to_string(number); }
int items_of(int number) { return number % 7 == 0 ? 2 : 1; }

// Shoppers place and pay orders; whatever goes wrong, they send the same again.
class Shoppers {
 public:
  explicit Shoppers(const Town& town) : town_(town) {
    for (int i = 0; i < k_shoppers; ++i) threads_.emplace_back([this] { shop(); });
  }
  ~Shoppers() { join(); }

  void join() {
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }
  // Checkouts begun and payments made: twice the number of orders when all is done.
  int progress() const { return progress_.load(); }
  int failures() const { return failures_.load(); }
  int retries() const { return retries_.load(); }

 private:
  void shop() {
    for (;;) {
      const int number = next_.fetch_add(1);
      if (number >= k_orders) return;
      if (!buy(number)) failures_.fetch_add(1);
    }
  }

  bool buy(int number) {
    std::string url;
    progress_.fetch_add(1);
    const bool placed = eventually(
        [&] {
          const Answer answer = town_.checkout(order_id(number), items_of(number));
          const json value = answer.value();
          if (answer.status / 100 == 2 && value.contains("checkout_url"))
            url = value["checkout_url"];
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

  const Town& town_;
  std::vector<std::thread> threads_;
  std::atomic<int> next_{0};
  std::atomic<int> progress_{0};
  std::atomic<int> failures_{0};
  std::atomic<int> retries_{0};
};

// When to kill: spread over the work, then a random while later, in microseconds.
std::vector<std::pair<int, int>> moments(unsigned seed) {
  std::mt19937 dice(seed);
  std::vector<std::pair<int, int>> all;
  for (int i = 0; i < k_kills; ++i) {
    const int share = 2 * k_orders / (k_kills + 1);
    all.emplace_back(share * i + static_cast<int>(dice() % static_cast<unsigned>(share)) + 1,
                     static_cast<int>(dice() % 40'000));
  }
  return all;
}

class Crash : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (!is_available(GetParam())) GTEST_SKIP() << "no VOZEX_TEST_POSTGRES";
    town_ = std::make_unique<Town>(
        GetParam(),
        std::vector<std::string>{"--session-lease", "1500ms", "--session-beat", "300ms"});
  }

  void drive_and_kill(unsigned seed);
  void account_for_orders();
  void account_for_licences();
  void account_for_history();
  void account_for_requests();

  std::unique_ptr<Town> town_;
};

INSTANTIATE_TEST_SUITE_P(Stores,
                         Crash,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& one) { return name_of(one.param); });

void Crash::drive_and_kill(unsigned seed) {
  Shoppers shoppers(*town_);
  int kills = 0;
  for (const auto& [progress, microseconds] : moments(seed)) {
    ASSERT_TRUE(
        eventually([&, wanted = progress] { return shoppers.progress() >= wanted; }, k_patience))
        << town_->server_log();
    const auto moment = std::chrono::steady_clock::now() + std::chrono::microseconds(microseconds);
    while (std::chrono::steady_clock::now() < moment) std::this_thread::yield();
    ASSERT_TRUE(town_->server().alive()) << "it ended by itself\n" << town_->server_log();
    town_->server().kill(SIGKILL);
    EXPECT_EQ(town_->server().wait(), 128 + SIGKILL);
    ++kills;
    town_->start_server();
    ASSERT_TRUE(town_->wait_until_ready()) << town_->server_log();
  }
  shoppers.join();
  EXPECT_EQ(shoppers.failures(), 0);
  std::cout << "killed " << kills << " times, " << shoppers.retries()
            << " checkouts were sent again\n";
}

void Crash::account_for_orders() {
  std::map<std::string, json> orders;
  const bool all_there = eventually(
      [&] {
        orders.clear();
        for (json& one : town_->all("/v1/instances?workflow=order")) orders[one["key"]] = one;
        return orders.size() == k_orders &&
               std::all_of(orders.begin(), orders.end(), [](const auto& one) {
                 return one.second["state"] == "fulfilled";
               });
      },
      k_patience);
  for (const auto& [key, one] : orders) {
    EXPECT_EQ(one["state"], "fulfilled")
        << one.dump() << town_->instance("payment", key + "-p1").dump(2);
    EXPECT_EQ(one["incident"], false);
  }
  ASSERT_TRUE(all_there) << orders.size() << " orders";
  const auto payments = town_->all("/v1/instances?workflow=payment");
  EXPECT_EQ(payments.size(), static_cast<std::size_t>(k_orders));
  for (const json& payment : payments) EXPECT_EQ(payment["status"], "captured") << payment.dump();
  EXPECT_TRUE(eventually([&] { return town_->all("/v1/calls").empty(); }))
      << json(town_->all("/v1/calls")).dump(2);
  EXPECT_EQ(town_->metric("vozex_events_parked"), 0);
  EXPECT_TRUE(town_->all("/v1/instances?incident=true").empty());
}

void Crash::account_for_licences() {
  std::size_t items = 0;
  for (int number = 0; number < k_orders; ++number)
    items += static_cast<std::size_t>(items_of(number));
  std::set<std::string> licences;
  for (int number = 0; number < k_orders; ++number) {
    for (int item = 1; item <= items_of(number); ++item) {
      const std::string key = order_id(number) + "-" + std::to_string(item);
      const json delivery = town_->instance("fulfillment_license_download", key);
      EXPECT_EQ(delivery["state"], "active") << key;
      EXPECT_EQ(delivery["data"]["attempts"], 1) << key;
      licences.insert(delivery["data"].value("license_id", ""));
    }
  }
  EXPECT_EQ(licences.size(), items);
  EXPECT_EQ(town_->all("/v1/instances?workflow=fulfillment_license_download").size(), items);
  EXPECT_EQ(town_->database().count("SELECT count(*) FROM licenses"), static_cast<long>(items));
  EXPECT_EQ(town_->database().count("SELECT count(DISTINCT order_item_id) FROM licenses"),
            static_cast<long>(items));
}

// Sequence numbers without gaps, from 1 to what the instance says.
void Crash::account_for_history() {
  for (const json& one : town_->all("/v1/instances")) {
    const std::string id = one["id"];
    std::uint32_t expected = 0;
    for (const json& entry : town_->all("/v1/instances/" + id + "/history")) {
      EXPECT_EQ(entry["seq"], ++expected) << one.dump();
    }
    EXPECT_EQ(one["seq"], expected) << one.dump();
  }
}

// Every request that left is explained. A page is made once for a payment; where it was made again,
// the first outcome was unknown, and the gateway was asked in between.
void Crash::account_for_requests() {
  std::map<std::string, std::vector<std::int64_t>> pages;  // payment -> requests that made a page
  std::vector<std::int64_t> questions;
  std::int64_t after = 0;
  for (;;) {
    const json page =
        ask("GET", town_->sandbox("/sandbox/requests?limit=1000&after=" + std::to_string(after)))
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
  EXPECT_EQ(pages.size(), static_cast<std::size_t>(k_orders));
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

TEST_P(Crash, TwoHundredOrdersAndTwentyKills) {
  const char* given = std::getenv("VOZEX_CRASH_SEED");
  const unsigned seed = given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10))
                                         : std::random_device()();
  std::cout << "VOZEX_CRASH_SEED=" << seed << "\n";
  ASSERT_NO_FATAL_FAILURE(drive_and_kill(seed));
  ASSERT_NO_FATAL_FAILURE(account_for_orders());
  account_for_licences();
  account_for_history();
  account_for_requests();
  if (HasFailure()) std::cout << town_->server_log();
}

}  // namespace
}  // namespace vozex::api_test

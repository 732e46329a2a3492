// SPDX-License-Identifier: Apache-2.0
//
// Shoppers place and pay orders in a town; whatever goes wrong, they send the same again, to the
// next server of the town. Accounts of what came of it: every order, licence, history entry and
// outgoing request is explained, each exactly once. Thread rule: one thread.
#pragma once

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "tests/api/town.h"

namespace vozex::api_test {

// How long a test waits for anything that shall happen.
inline constexpr std::chrono::seconds k_patience{240};

std::string order_id(int number);
int items_of(int number);

class Shoppers {
 public:
  Shoppers(const Town& town, int orders, int shoppers = 8);
  ~Shoppers() { join(); }

  void join();
  // Checkouts begun and payments made: twice the number of orders when all is done.
  int progress() const { return progress_.load(); }
  // Waits until the progress is at least `share` of it; false when it doesn't come.
  bool reach(double share) const;
  // Orders that were never placed or paid.
  int failures() const { return failures_.load(); }
  int retries() const { return retries_.load(); }

 private:
  void shop();
  bool buy(int number);

  const Town& town_;
  const int orders_;
  std::vector<std::thread> threads_;
  std::atomic<int> next_{0};
  std::atomic<int> progress_{0};
  std::atomic<int> failures_{0};
  std::atomic<int> retries_{0};
};

// Waits until all orders are fulfilled, then looks at everything that shoppers can leave behind.
void account_for(const Town& town, int orders);

}  // namespace vozex::api_test

// SPDX-License-Identifier: Apache-2.0
//
// Partner: a service on loopback that a test tells when to answer, and asks afterwards what it was
// asked. Requests are known by "METHOD path", without the path's slash. Thread rule: any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "tests/support/loopback_server.h"

namespace vozex::api_test {

class Partner {
 public:
  struct Request {
    std::string what;
    std::string key;  // of idempotency; "" without
    int times = 0;    // counts the requests about the same, from 1
    std::chrono::steady_clock::time_point at;
  };
  // Called on the server's threads.
  using Answerer = std::function<test::WireReply(const Request&)>;
  explicit Partner(Answerer answerer);
  ~Partner();

  std::string url() const { return server_.url(); }
  // Answers to requests about `what` are held back until let() is called. "": about anything.
  void hold(const std::string& what);
  void let(const std::string& what);

  int asked(const std::string& what) const;  // "": about anything
  // The different idempotency keys that came with it.
  std::set<std::string> keys(const std::string& what) const;
  // Between the first two requests about it; zero while there are fewer.
  std::chrono::milliseconds pause(const std::string& what) const;
  // How many were under way at the same time, at most.
  int most_at_once() const;

 private:
  test::WireReply answer(const test::WireRequest& request);
  int count(const std::string& what) const;

  const Answerer answerer_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::set<std::string> held_;
  bool ends_ = false;
  std::vector<Request> requests_;
  int at_once_ = 0;
  int most_at_once_ = 0;
  test::LoopbackServer server_;  // last: its threads use the others
};

}  // namespace vozex::api_test

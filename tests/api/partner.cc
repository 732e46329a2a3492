// SPDX-License-Identifier: Apache-2.0
#include "tests/api/partner.h"

#include <algorithm>
#include <utility>

namespace vozex::api_test {

Partner::Partner(Answerer answerer)
    : answerer_(std::move(answerer)),
      server_([this](const test::WireRequest& request) { return answer(request); }) {}

Partner::~Partner() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  changed_.notify_all();
}

void Partner::hold(const std::string& what) {
  const std::lock_guard lock(mutex_);
  held_.insert(what);
}

void Partner::let(const std::string& what) {
  {
    const std::lock_guard lock(mutex_);
    held_.erase(what);
  }
  changed_.notify_all();
}

int Partner::count(const std::string& what) const {
  return static_cast<int>(
      std::count_if(requests_.begin(), requests_.end(), [&](const Request& one) {
        return what.empty() || one.what == what;
      }));
}

int Partner::asked(const std::string& what) const {
  const std::lock_guard lock(mutex_);
  return count(what);
}

std::set<std::string> Partner::keys(const std::string& what) const {
  const std::lock_guard lock(mutex_);
  std::set<std::string> keys;
  for (const Request& one : requests_) {
    if (one.what == what) keys.insert(one.key);
  }
  return keys;
}

std::chrono::milliseconds Partner::pause(const std::string& what) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::chrono::steady_clock::time_point> times;
  for (const Request& one : requests_) {
    if (one.what == what) times.push_back(one.at);
  }
  if (times.size() < 2) return {};
  return std::chrono::duration_cast<std::chrono::milliseconds>(times[1] - times[0]);
}

int Partner::most_at_once() const {
  const std::lock_guard lock(mutex_);
  return most_at_once_;
}

test::WireReply Partner::answer(const test::WireRequest& request) {
  std::unique_lock lock(mutex_);
  Request one;
  one.what = request.method + " " + request.target.substr(1);
  const auto key = request.headers.find("idempotency-key");
  if (key != request.headers.end()) one.key = key->second;
  one.times = count(one.what) + 1;
  one.at = std::chrono::steady_clock::now();
  requests_.push_back(one);
  most_at_once_ = std::max(most_at_once_, ++at_once_);
  changed_.wait(lock, [&] { return ends_ || !(held_.contains(one.what) || held_.contains("")); });
  --at_once_;
  lock.unlock();
  return answerer_(one);
}

}  // namespace vozex::api_test

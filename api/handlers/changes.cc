// SPDX-License-Identifier: Apache-2.0
#include "api/handlers/changes.h"

#include <vector>

namespace vozex::handlers {

class Changes::Follower {
 public:
  Follower(Changes& owner, Topic of, Deadline until, Woken on_change, std::function<void()> on_end)
      : topic(std::move(of)),
        deadline(until),
        woken(std::move(on_change)),
        expired(std::move(on_end)),
        owner_(owner) {}
  ~Follower() { owner_.forget(this); }
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  const Topic topic;
  const Deadline deadline;
  const Woken woken;
  const std::function<void()> expired;

 private:
  Changes& owner_;
};

Changes::Topic Changes::tree(const InstanceId& root) { return "tree/" + root.text(); }
Changes::Topic Changes::instance(const InstanceId& id) { return "instance/" + id.text(); }
Changes::Topic Changes::key(const std::string& workflow, const std::string& key) {
  return "key/" + workflow + "/" + key;
}

Changes::Changes() : thread_([this] { watch_deadlines(); }) {}

Changes::~Changes() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Changes::notify(const runtime::Engine::Change& change) {
  if (count_.load(std::memory_order_acquire) == 0) return;
  std::vector<std::shared_ptr<Follower>> followers;  // called and dropped without the lock
  const Topic topics[] = {
      tree(change.root), instance(change.instance), key(change.workflow, change.key)};
  {
    const std::lock_guard lock(mutex_);
    for (const Topic& topic : topics) {
      const auto [first, last] = by_topic_.equal_range(topic);
      for (auto it = first; it != last; ++it) {
        if (auto follower = it->second.lock()) followers.push_back(std::move(follower));
      }
    }
  }
  for (const auto& follower : followers) follower->woken(change);
}

bool Changes::is_wanted(const runtime::Engine::Change& change) {
  if (count_.load(std::memory_order_acquire) == 0) return false;
  const Topic by_id = instance(change.instance);
  const Topic by_key = key(change.workflow, change.key);
  const std::lock_guard lock(mutex_);
  return by_topic_.contains(by_id) || by_topic_.contains(by_key);
}

std::shared_ptr<Changes::Follower> Changes::follow(Topic topic,
                                                   std::chrono::milliseconds patience,
                                                   Woken woken,
                                                   std::function<void()> expired) {
  const Deadline deadline = std::chrono::steady_clock::now() + patience;
  auto follower = std::make_shared<Follower>(
      *this, std::move(topic), deadline, std::move(woken), std::move(expired));
  {
    const std::lock_guard lock(mutex_);
    by_topic_.emplace(follower->topic, follower);
    by_deadline_.emplace(deadline, follower);
    count_.fetch_add(1, std::memory_order_release);
  }
  wake_.notify_all();
  return follower;
}

void Changes::forget(const Follower* follower) {
  const std::lock_guard lock(mutex_);
  // Its weak pointers are dead by now, as are those of others in the same moment: all of them may
  // go.
  const auto drop = [](auto& map, const auto& key) {
    auto [it, last] = map.equal_range(key);
    while (it != last) it = it->second.expired() ? map.erase(it) : std::next(it);
  };
  drop(by_topic_, follower->topic);
  drop(by_deadline_, follower->deadline);
  count_.store(by_topic_.size(), std::memory_order_release);
}

bool Changes::take_look() {
  if (!others_) return false;
  if (looks_.fetch_add(1) < k_max_looks) return true;
  --looks_;
  return false;
}

void Changes::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  wake_.notify_all();
}

void Changes::watch_deadlines() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (by_deadline_.empty()) {
      wake_.wait(lock);
      continue;
    }
    const auto first = by_deadline_.begin();
    if (!closed_ && std::chrono::steady_clock::now() < first->first) {
      wake_.wait_until(lock, Deadline(first->first));
      continue;
    }
    auto follower = first->second.lock();
    by_deadline_.erase(first);
    lock.unlock();
    if (follower) follower->expired();
    follower.reset();  // may be the last: its end takes the lock
    lock.lock();
  }
}

}  // namespace vozex::handlers

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <utility>

#include "api/http/answers_together.h"
#include "api/http/loop_internal.h"

#include <boost/asio/post.hpp>

#include "api/http/connection_internal.h"

namespace vozex::http {
namespace {

namespace asio = boost::asio;

// However many deadlines are near each other: so long between two looks at all of them.
constexpr std::chrono::milliseconds k_between_looks{10};

}  // namespace

struct AnswersTogether::Kept {
  std::shared_ptr<Mailbox> box;
  std::vector<Mailbox::Letter> letters;
};

thread_local AnswersTogether* AnswersTogether::current_ = nullptr;

void Mailbox::put(Letter letter) {
  if (AnswersTogether* together = AnswersTogether::current_) {
    together->kept_for(*this).letters.push_back(std::move(letter));
    return;
  }
  std::vector<Letter> one;
  one.push_back(std::move(letter));
  put_all(std::move(one));
}

void Mailbox::put_all(std::vector<Letter> letters) {
  const std::lock_guard wakes(io_mutex_);
  if (io_ == nullptr) return;
  bool is_first = false;
  {
    const std::lock_guard lock(mutex_);
    is_first = letters_.empty();
    std::move(letters.begin(), letters.end(), std::back_inserter(letters_));
  }
  // Who finds the box empty wakes the loop; what others put there meanwhile is found by it.
  if (is_first) asio::post(*io_, [self = shared_from_this()] { self->deliver(); });
}

void Mailbox::deliver() {
  std::vector<Letter> letters;
  {
    const std::lock_guard lock(mutex_);
    letters.swap(letters_);
  }
  for (Letter& letter : letters) {
    if (auto connection = letter.to.lock()) {
      connection->answered_with(letter.serial, std::move(letter.response));
    }
  }
}

void Mailbox::close() {
  const std::lock_guard wakes(io_mutex_);
  io_ = nullptr;
  const std::lock_guard lock(mutex_);
  letters_.clear();
}

AnswersTogether::AnswersTogether() : outer_(std::exchange(current_, this)) {}

AnswersTogether::~AnswersTogether() {
  current_ = outer_;
  for (Kept& kept : kept_) kept.box->put_all(std::move(kept.letters));
}

AnswersTogether::Kept& AnswersTogether::kept_for(Mailbox& box) {
  const auto found = std::find_if(
      kept_.begin(), kept_.end(), [&box](const Kept& kept) { return kept.box.get() == &box; });
  if (found != kept_.end()) return *found;
  return kept_.emplace_back(Kept{box.shared_from_this(), {}});
}

Loop::Loop() : work_(io_.get_executor()), timer_(io_), mailbox_(std::make_shared<Mailbox>(io_)) {}

Loop::~Loop() { stop(); }

void Loop::start() {
  thread_ = std::thread([this] {
    mailbox_->open_here();
    io_.run();
  });
}

void Loop::each(std::function<void(Connection&)> action) {
  asio::post(io_, [this, action = std::move(action)] {
    // Copied, because the action may end one.
    const std::vector<Connection*> all(connections_.begin(), connections_.end());
    for (Connection* connection : all) action(*connection);
  });
}

void Loop::stop() {
  io_.stop();
  if (thread_.joinable()) thread_.join();
  mailbox_->close();
  const std::vector<Connection*> all(connections_.begin(), connections_.end());
  for (Connection* connection : all) connection->let_go();
}

void Loop::expect(Moment deadline) {
  if (deadline >= next_look_) return;
  next_look_ = deadline;
  timer_.expires_at(deadline);
  timer_.async_wait([this](boost::system::error_code replaced) {
    if (!replaced) look_at_deadlines();
  });
}

void Loop::look_at_deadlines() {
  const Moment now = std::chrono::steady_clock::now();
  next_look_ = Moment::max();
  const std::vector<Connection*> all(connections_.begin(), connections_.end());
  for (Connection* connection : all) {
    if (connection->deadline() <= now) connection->on_deadline();
  }
  Moment next = Moment::max();
  for (const Connection* connection : connections_) {
    next = std::min(next, connection->deadline());
  }
  if (next != Moment::max()) expect(std::max(next, now + k_between_looks));
}

}  // namespace vozex::http

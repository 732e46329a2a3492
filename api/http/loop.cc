// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "api/http/loop_internal.h"

#include <boost/asio/post.hpp>

#include "api/http/connection_internal.h"

namespace vozex::http {
namespace {

namespace asio = boost::asio;

// However many deadlines are near each other: so long between two looks at all of them.
constexpr std::chrono::milliseconds k_between_looks{10};

}  // namespace

void Mailbox::put(Letter letter) {
  const std::lock_guard lock(mutex_);
  if (io_ == nullptr) return;
  letters_.push_back(std::move(letter));
  // The first wakes the loop; the others are found by it. Under the lock, so that the loop is not
  // ended meanwhile.
  if (letters_.size() == 1) asio::post(*io_, [self = shared_from_this()] { self->deliver(); });
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
  const std::lock_guard lock(mutex_);
  io_ = nullptr;
  letters_.clear();
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

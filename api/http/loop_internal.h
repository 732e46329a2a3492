// SPDX-License-Identifier: Apache-2.0
//
// One thread of the server and what lives on it: its io_context, its connections with their
// deadlines, and the mailbox that brings answers from other threads. A connection stays on its loop
// all its life, so nothing of it needs a lock or a strand; answers that come together wake the loop
// once. Internal to api/http: sees Asio.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_set>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "api/http/message.h"

namespace vozex::http {

class Connection;
using Moment = std::chrono::steady_clock::time_point;

// Answers on their way to the connections of one loop. Thread rule: put() from any thread, also
// after the loop has ended; the others by the loop's owner.
class Mailbox : public std::enable_shared_from_this<Mailbox> {
 public:
  struct Letter {
    std::weak_ptr<Connection> to;
    std::uint64_t serial = 0;  // of the request that it answers
    Response response;
  };
  explicit Mailbox(boost::asio::io_context& io) : io_(&io) {}

  void open_here() { owner_ = std::this_thread::get_id(); }
  bool is_here() const { return owner_ == std::this_thread::get_id(); }
  // At the end of AnswersTogether where this thread has one.
  void put(Letter letter);
  // Wakes the loop once.
  void put_all(std::vector<Letter> letters);
  void close();

 private:
  void deliver();

  std::thread::id owner_;  // set before the first connection is there
  // Held while the loop is woken, so that it is not ended meanwhile; never by the loop, which would
  // wait for who woke it.
  std::mutex io_mutex_;
  boost::asio::io_context* io_;
  std::mutex mutex_;  // guards what follows; taken last
  std::vector<Letter> letters_;
};

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void start();
  // Does it with each connection, on the loop's thread.
  void each(std::function<void(Connection&)> action);
  // Ends the thread; connections that wait for an answer are let go.
  void stop();

  boost::asio::io_context& io() { return io_; }

  // The rest is for the connections, on the loop's thread.
  const std::shared_ptr<Mailbox>& mailbox() const { return mailbox_; }
  void join(Connection& connection) { connections_.insert(&connection); }
  void leave(Connection& connection) { connections_.erase(&connection); }
  // Connection::on_deadline() is called once that moment is over, at most 10 ms later. One timer
  // serves all: a deadline that moves back costs nothing, which is what nearly all of them do.
  void expect(Moment deadline);

 private:
  void look_at_deadlines();

  std::unordered_set<Connection*> connections_;  // outlives what io_ still holds
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                    boost::asio::wait_traits<std::chrono::steady_clock>,
                                    boost::asio::io_context::executor_type>
      timer_;
  Moment next_look_ = Moment::max();
  std::shared_ptr<Mailbox> mailbox_;
  std::thread thread_;
};

}  // namespace vozex::http

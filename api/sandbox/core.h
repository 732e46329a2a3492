// SPDX-License-Identifier: Apache-2.0
//
// Core: answers every request of the sandbox without doing any I/O: the gateway's interface, the
// control interface, the buyer's page. New webhooks are left in `take_owed` for whoever sends them.
// Thread rule: one thread.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "api/sandbox/deliveries.h"
#include "api/sandbox/faults.h"
#include "api/sandbox/journal.h"
#include "api/sandbox/sandbox.h"
#include "api/sandbox/world.h"

namespace vozex::sandbox {

struct Incoming {
  std::string method;
  std::string path;  // without query
  Filter query;      // decoded
  std::string authorization;
  std::string body;
};

enum class Wire { send, silence, reset };

struct Outgoing {
  int status = 200;
  std::string type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  Wire wire = Wire::send;
};

// A webhook to be sent, first after `delay`.
struct Owed {
  std::uint64_t seq = 0;
  std::chrono::milliseconds delay{0};
};

class Core {
 public:
  explicit Core(SandboxOptions options);

  Outgoing handle(const Incoming& request, Timestamp now);

  std::vector<Owed> take_owed() { return std::exchange(owed_, {}); }
  Deliveries& deliveries() { return deliveries_; }
  const World& world() const { return world_; }
  const std::string& webhook_url() const { return webhook_url_; }
  // Where its pages are, for checkout_url.
  void set_public_url(std::string url) { public_url_ = std::move(url); }

 private:
  Outgoing gateway(const Incoming& request, Timestamp now);
  Outgoing gateway_work(const Incoming& request, Timestamp now);
  Outgoing list_payments(const Incoming& request) const;
  Outgoing list_refunds(const Incoming& request) const;
  Outgoing one_payment(const std::string& rest) const;
  Outgoing create_checkout(const json& body, Timestamp now);
  Outgoing create_refund(const json& body, Timestamp now);

  Outgoing control(const Incoming& request, Timestamp now);
  Outgoing list_sessions(const Filter& filter) const;
  Outgoing dispute(const std::string& payment_id, const json& body, Timestamp now);
  Outgoing buyer(const std::string& session_id,
                 const std::string& action,
                 const json& body,
                 Timestamp now);
  Outgoing page(const Incoming& request, Timestamp now);

  const Payment& attempt(const Session& session, const std::string& status, Timestamp now);
  // `copies` times under one webhook-id.
  void owe(const std::string& type,
           const std::string& object_id,
           const json& metadata,
           Timestamp now,
           std::chrono::milliseconds delay,
           int copies = 1);
  void chaos(const Session& session, std::chrono::milliseconds delay, Timestamp now);

  SandboxOptions options_;
  std::string public_url_;
  std::string webhook_url_;
  World world_;
  Faults faults_;
  Journal journal_;
  Deliveries deliveries_;
  std::vector<Owed> owed_;
};

Outgoing json_answer(int status, const json& body);
Outgoing error_answer(const ApiError& error);

}  // namespace vozex::sandbox

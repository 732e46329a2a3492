// SPDX-License-Identifier: Apache-2.0
#include "api/handlers/idempotency.h"

#include <atomic>
#include <memory>
#include <utility>

#include "api/http/problem.h"
#include "engine/base/sha256.h"

namespace vozex::handlers {
namespace {

constexpr std::size_t k_max_key_bytes = 256;
constexpr std::size_t k_fingerprint_digits = 32;

// Ends before the answer goes out, since who has the answer may send the request again: the copies
// of the responder that the handler has not let go of yet don't count. Without an answer it ends
// with the last of them.
class Turn {
 public:
  Turn(InFlight& in_flight, std::string key) : in_flight_(in_flight), key_(std::move(key)) {}
  ~Turn() { end(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  void end() {
    if (!ended_.exchange(true)) in_flight_.end(key_);
  }

 private:
  InFlight& in_flight_;
  std::string key_;
  std::atomic<bool> ended_{false};
};

}  // namespace

bool InFlight::begin(const std::string& key) {
  const std::lock_guard lock(mutex_);
  return keys_.insert(key).second;
}

void InFlight::end(const std::string& key) {
  const std::lock_guard lock(mutex_);
  keys_.erase(key);
}

std::string fingerprint_of(const http::Request& request) {
  if (request.header("idempotency-key").empty()) return "";
  return sha256_hex(request.path + "\n" + request.body).substr(0, k_fingerprint_digits);
}

http::Handler once_at_a_time(InFlight* in_flight, http::Handler handler) {
  return [in_flight, handler = std::move(handler)](http::Request request, http::Responder respond) {
    const std::string_view key = request.header("idempotency-key");
    if (key.size() > k_max_key_bytes) {
      return respond(http::problem(
          422,
          "invalid_idempotency_key",
          "The idempotency key is not valid",
          "Expected Idempotency-Key of at most " + std::to_string(k_max_key_bytes) + " bytes."));
    }
    if (key.empty() || in_flight == nullptr) return handler(std::move(request), std::move(respond));
    const std::string name = request.caller + "\n" + std::string(key);
    if (!in_flight->begin(name)) {
      return respond(http::problem(409,
                                   "idempotency_in_flight",
                                   "A request with this idempotency key is under way",
                                   "Wait for its answer, or send the same request again later."));
    }
    auto turn = std::make_shared<Turn>(*in_flight, name);
    handler(std::move(request), [turn, respond = std::move(respond)](http::Response response) {
      turn->end();
      respond(std::move(response));
    });
  };
}

}  // namespace vozex::handlers

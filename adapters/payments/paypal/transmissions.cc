// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/paypal/transmissions.h"

#include "engine/base/sha256.h"

namespace vozex::payments {

bool Transmissions::bind(const std::string& id, std::string_view body) {
  const auto digest = sha256_hex(body);
  const std::lock_guard lock(mutex_);
  const auto [at, is_new] = bodies_.try_emplace(id, digest);
  if (!is_new) return at->second == digest;
  order_.push_back(id);
  if (order_.size() > k_max_kept) {
    bodies_.erase(order_.front());
    order_.pop_front();
  }
  return true;
}

}  // namespace vozex::payments

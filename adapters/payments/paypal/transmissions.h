// SPDX-License-Identifier: Apache-2.0
//
// Transmissions: the body that each transmission id came with, as its SHA-256. PayPal's signature
// covers only a CRC of the body, so another body with the same CRC fits the headers of a genuine
// one; the first body seen is the one that counts. Kept for the last k_max_kept transmissions of
// this process; behind it stands the look-up of everything that moves money. Thread rule: any
// thread.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace vozex::payments {

class Transmissions {
 public:
  static constexpr std::size_t k_max_kept = 20'000;

  // False when the id is known with another body. Only for what was verified.
  bool bind(const std::string& id, std::string_view body);

 private:
  std::mutex mutex_;
  std::map<std::string, std::string> bodies_;  // SHA-256 by id
  std::deque<std::string> order_;              // oldest first
};

}  // namespace vozex::payments

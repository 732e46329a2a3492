// SPDX-License-Identifier: Apache-2.0
#include "adapters/system/random.h"

#include <sys/random.h>

#include <cerrno>
#include <utility>

#include "engine/base/assert.h"

namespace vozex::system {
namespace {

void fill(void* bytes, std::size_t size) {
  auto* at = static_cast<unsigned char*>(bytes);
  while (size > 0) {
    const auto got = ::getrandom(at, size, 0);
    VOZEX_ASSERT(got > 0 || errno == EINTR);
    if (got <= 0) continue;
    at += got;
    size -= static_cast<std::size_t>(got);
  }
}

}  // namespace

std::uint64_t SystemRandom::next() {
  const std::lock_guard lock(mutex_);
  if (left_ == 0) {
    fill(block_.data(), sizeof block_);
    left_ = block_.size();
  }
  // What was given out is not kept.
  return std::exchange(block_[--left_], 0);
}

InstanceId SystemRandom::new_instance_id(Timestamp now) {
  const auto micros = now.time_since_epoch().count();
  VOZEX_ASSERT(micros >= 0);
  const auto millis = static_cast<std::uint64_t>(micros / 1000);
  // 4096 steps to the millisecond: ids of one process sort by their microsecond.
  const auto fraction = static_cast<std::uint64_t>(micros % 1000) * 4096 / 1000;
  const std::uint64_t high = (millis << 16) | 0x7000 | fraction;
  const std::uint64_t low = (next() & 0x3fff'ffff'ffff'ffff) | 0x8000'0000'0000'0000;
  InstanceId id;
  for (std::size_t i = 0; i < 8; ++i) {
    id.bytes[i] = static_cast<std::uint8_t>(high >> (56 - 8 * i));
    id.bytes[8 + i] = static_cast<std::uint8_t>(low >> (56 - 8 * i));
  }
  return id;
}

}  // namespace vozex::system

// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/lanes/commits_driver.h"

namespace vozex::runtime {

CommitsUnderWay::One::One(CommitsUnderWay& all) : all_(all) {
  const std::lock_guard lock(all_.mutex_);
  ++all_.under_way_;
}

CommitsUnderWay::One::~One() {
  bool is_awaited = false;
  {
    const std::lock_guard lock(all_.mutex_);
    --all_.under_way_;
    ++all_.ends_;
    is_awaited = all_.waiting_ > 0;
  }
  if (is_awaited) all_.ended_.notify_all();
}

bool CommitsUnderWay::wait_for_end(Duration most) {
  std::unique_lock lock(mutex_);
  if (under_way_ == 0 || most <= Duration{0}) return false;
  ++waiting_;
  const std::uint64_t before = ends_;
  const bool ended = ended_.wait_for(lock, most, [&] { return ends_ != before; });
  --waiting_;
  return ended;
}

std::size_t CommitsUnderWay::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

}  // namespace vozex::runtime

// SPDX-License-Identifier: Apache-2.0
//
// SmallList: a list of small plain values whose first N live in the object itself, so that a step
// on an ordinary machine allocates nothing for its sets of states and transitions. Thread rule:
// plain value.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

namespace vozex::stepping {

template <class T, std::size_t N>
class SmallList {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  SmallList() {}  // NOLINT: the inline elements stay uninitialised on purpose
  SmallList(const SmallList& other) : spill_(other.spill_), size_(other.size_) {
    if (!spilled()) std::copy_n(other.inline_.begin(), size_, inline_.begin());
  }
  SmallList(SmallList&& other) noexcept : spill_(std::move(other.spill_)), size_(other.size_) {
    if (!spilled()) std::copy_n(other.inline_.begin(), size_, inline_.begin());
    other.clear();
  }
  SmallList& operator=(const SmallList& other) {
    if (this == &other) return *this;
    spill_ = other.spill_;
    size_ = other.size_;
    if (!spilled()) std::copy_n(other.inline_.begin(), size_, inline_.begin());
    return *this;
  }
  SmallList& operator=(SmallList&& other) noexcept {
    if (this == &other) return *this;
    spill_ = std::move(other.spill_);
    size_ = other.size_;
    if (!spilled()) std::copy_n(other.inline_.begin(), size_, inline_.begin());
    other.clear();
    return *this;
  }
  ~SmallList() = default;

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const T* begin() const { return spilled() ? spill_.data() : inline_.data(); }
  const T* end() const { return begin() + size_; }
  T* begin() { return spilled() ? spill_.data() : inline_.data(); }
  T* end() { return begin() + size_; }
  const T& operator[](std::size_t i) const { return begin()[i]; }

  void clear() {
    size_ = 0;
    spill_.clear();
  }

  void push_back(T value) {
    if (!spilled() && size_ < N) {
      inline_[size_++] = value;
      return;
    }
    if (!spilled()) spill_.assign(inline_.begin(), inline_.end());
    spill_.push_back(value);
    ++size_;
  }

  bool contains(T value) const { return std::find(begin(), end(), value) != end(); }

  // Keeps the list sorted and without repetitions; false when the value was there.
  bool insert_sorted(T value) {
    const std::size_t at =
        static_cast<std::size_t>(std::lower_bound(begin(), end(), value) - begin());
    if (at < size_ && begin()[at] == value) return false;
    push_back(value);
    std::rotate(begin() + at, end() - 1, end());
    return true;
  }

  void erase(T value) {
    T* kept = std::remove(begin(), end(), value);
    const std::size_t size = static_cast<std::size_t>(kept - begin());
    if (spilled()) spill_.resize(size);
    size_ = size;
  }

 private:
  bool spilled() const { return !spill_.empty(); }

  std::array<T, N> inline_;
  std::vector<T> spill_;
  std::size_t size_ = 0;
};

}  // namespace vozex::stepping

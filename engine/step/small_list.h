// SPDX-License-Identifier: Apache-2.0
//
// SmallList: a list of small plain values whose first N live in the object itself, so that a step
// on an ordinary machine allocates nothing for its sets of states and transitions. Thread rule:
// plain value.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

namespace vozex::stepping {

template <class T, std::size_t N>
class SmallList {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  SmallList() {}  // NOLINT: the inline elements stay uninitialised on purpose
  SmallList(const SmallList& other) { assign(other.begin(), other.size_); }
  SmallList(SmallList&& other) noexcept { take(other); }
  SmallList& operator=(const SmallList& other) {
    if (this != &other) assign(other.begin(), other.size_);
    return *this;
  }
  SmallList& operator=(SmallList&& other) noexcept {
    if (this != &other) take(other);
    return *this;
  }
  ~SmallList() = default;

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const T* begin() const { return heap_ != nullptr ? heap_.get() : inline_; }
  const T* end() const { return begin() + size_; }
  T* begin() { return heap_ != nullptr ? heap_.get() : inline_; }
  T* end() { return begin() + size_; }
  const T& operator[](std::size_t i) const { return begin()[i]; }

  void clear() { size_ = 0; }

  void push_back(T value) {
    if (size_ == capacity_) grow(size_ + 1);
    begin()[size_++] = value;
  }

  void assign(const T* from, std::size_t count) {
    size_ = 0;
    if (count > capacity_) grow(count);
    std::copy_n(from, count, begin());
    size_ = count;
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
    if (size_ != 0) size_ = static_cast<std::size_t>(std::remove(begin(), end(), value) - begin());
  }

 private:
  void grow(std::size_t least) {
    const std::size_t capacity = std::max(least, 2 * capacity_);
    auto room = std::make_unique<T[]>(capacity);
    std::copy_n(begin(), size_, room.get());
    heap_ = std::move(room);
    capacity_ = capacity;
  }
  void take(SmallList& other) {
    if (other.heap_ == nullptr) {
      assign(other.inline_, other.size_);
    } else {
      heap_ = std::move(other.heap_);
      size_ = other.size_;
      capacity_ = std::exchange(other.capacity_, N);
    }
    other.size_ = 0;
  }

  std::unique_ptr<T[]> heap_;
  std::size_t size_ = 0;
  std::size_t capacity_ = N;
  union {
    T inline_[N];
  };
};

}  // namespace vozex::stepping

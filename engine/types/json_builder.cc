// SPDX-License-Identifier: Apache-2.0
#include "engine/types/json_builder.h"

#include <algorithm>
#include <iterator>
#include <numeric>

namespace vozex::types {

void JsonBuilder::close(Value value) {
  stack_.resize(frames_.back());
  frames_.pop_back();
  add(std::move(value));
}

void JsonBuilder::close_array() {
  const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(frames_.back());
  close(Value::list(
      Value::List(std::make_move_iterator(begin), std::make_move_iterator(stack_.end()))));
}

// As all texts are that we wrote ourselves.
bool JsonBuilder::is_sorted(std::size_t count) const {
  for (std::size_t i = 1; i < count; ++i) {
    if (name_of(i - 1).compare(name_of(i)) >= 0) return false;
  }
  return true;
}

std::optional<std::size_t> JsonBuilder::close_object() {
  const std::size_t begin = frames_.back();
  const std::size_t count = (stack_.size() - begin) / 2;
  order_.resize(count);
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  if (!is_sorted(count)) {
    std::sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
      const int order = name_of(a).compare(name_of(b));
      return order != 0 ? order < 0 : a < b;
    });
    for (std::size_t i = 1; i < count; ++i) {
      if (name_of(order_[i - 1]) == name_of(order_[i])) return order_[i];
    }
  }
  Value::Map entries;
  entries.reserve(count);
  for (const std::size_t member : order_) {
    const std::size_t at = begin + 2 * member;
    entries.push_back({std::move(stack_[at]), std::move(stack_[at + 1])});
  }
  close(Value::map(std::move(entries)));
  return std::nullopt;
}

}  // namespace vozex::types

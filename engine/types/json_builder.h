// SPDX-License-Identifier: Apache-2.0
//
// JsonBuilder: the events of a JSON parser into one value. Finished values lie on one stack, keys
// and members by turns; a frame remembers where its own begin. Internal to engine/types.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/types/value.h"

namespace vozex::types {

class JsonBuilder {
 public:
  // One value, also the name of a member.
  void add(Value value) { stack_.push_back(std::move(value)); }
  void open() { frames_.push_back(stack_.size()); }
  void close_array();
  // The position among the members of one whose name an earlier one has; none when the object is
  // well and closed.
  std::optional<std::size_t> close_object();
  // Of the object that is open.
  const std::string& name_of(std::size_t member) const {
    return stack_[frames_.back() + 2 * member].as_string();
  }

  std::size_t depth() const { return frames_.size(); }
  // When all is closed.
  Value take() { return std::move(stack_.front()); }

 private:
  bool is_sorted(std::size_t count) const;
  void close(Value value);

  std::vector<Value> stack_;
  std::vector<std::size_t> frames_;
  std::vector<std::size_t> order_;
};

}  // namespace vozex::types

// SPDX-License-Identifier: Apache-2.0
//
// Domain: the values that one reference may have where a condition holds, as far as comparisons
// with constants tell: numbers as intervals, texts as a list or all but a list, booleans, null, and
// everything else as one lump. A plain value with set algebra; nothing is evaluated. Used by
// predicate.h. Tests: tests/unit/expr/predicate_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/types/type.h"
#include "engine/types/value.h"

namespace vozex::expr {

class Domain {
 public:
  static Domain nothing() { return {}; }
  static Domain everything();
  // Every value of a type whose values are all of one kind and always there: bool, enum, string,
  // int. Nothing for other types.
  static std::optional<Domain> of(const types::Type& type);
  // Just this scalar; nothing for lists, maps and moments.
  static std::optional<Domain> only(const types::Value& value);
  // Numbers below or above; `closed` includes the bound. Nothing when the bound is no number.
  static std::optional<Domain> below(const types::Value& bound, bool closed);
  static std::optional<Domain> above(const types::Value& bound, bool closed);

  Domain complement() const;
  // What is no number, removed.
  Domain numbers_only() const;
  // Between whole numbers there is nothing: `> 5` is `>= 6`.
  Domain whole() const;
  Domain operator&(const Domain& other) const;
  Domain operator|(const Domain& other) const;
  bool empty() const;
  bool within(const Domain& other) const { return (*this & other.complement()).empty(); }
  bool operator==(const Domain&) const = default;

 private:
  // Both ends included.
  struct Interval {
    long double low = 0;
    long double high = 0;
    bool operator==(const Interval&) const = default;
  };

  static std::vector<Interval> joined(std::vector<Interval> all, bool whole);

  std::vector<Interval> numbers_;  // sorted, apart from each other
  bool whole_ = false;             // they are whole numbers
  bool all_texts_but_ = false;     // `texts_` are those that are missing
  std::set<std::string> texts_;
  std::uint8_t booleans_ = 0;  // 1: false, 2: true
  bool null_ = false;
  bool others_ = false;
};

}  // namespace vozex::expr

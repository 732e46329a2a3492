// SPDX-License-Identifier: Apache-2.0
#include "engine/expr/domain.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

namespace vozex::expr {
namespace {

using Number = long double;  // holds every int64 and uint64

constexpr Number k_infinity = std::numeric_limits<Number>::infinity();

std::optional<Number> number_of(const types::Value& value) {
  switch (value.kind()) {
    case types::Kind::integer: return static_cast<Number>(value.as_integer());
    case types::Kind::uint: return static_cast<Number>(value.as_uint());
    case types::Kind::real: {
      if (std::isnan(value.as_real())) return std::nullopt;
      return static_cast<Number>(value.as_real());
    }
    case types::Kind::null:
    case types::Kind::boolean:
    case types::Kind::string:
    case types::Kind::bytes:
    case types::Kind::timestamp:
    case types::Kind::duration:
    case types::Kind::list:
    case types::Kind::map:
    case types::Kind::optional:
    case types::Kind::type: return std::nullopt;
  }
  return std::nullopt;
}

Number after(Number value) { return std::nextafter(value, k_infinity); }
Number before(Number value) { return std::nextafter(value, -k_infinity); }

using Texts = std::set<std::string>;

Texts both(const Texts& a, const Texts& b) {
  Texts out;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::inserter(out, out.end()));
  return out;
}
Texts either(const Texts& a, const Texts& b) {
  Texts out = a;
  out.insert(b.begin(), b.end());
  return out;
}
Texts minus(const Texts& a, const Texts& b) {
  Texts out;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::inserter(out, out.end()));
  return out;
}

}  // namespace

Domain Domain::everything() { return Domain().complement(); }

std::optional<Domain> Domain::of(const types::Type& type) {
  Domain made;
  if (type.kind == types::TypeKind::boolean) {
    made.booleans_ = 3;
  } else if (type.kind == types::TypeKind::string) {
    made.all_texts_but_ = true;
  } else if (type.kind == types::TypeKind::enumeration) {
    made.texts_ = Texts(type.options.begin(), type.options.end());
  } else if (type.kind == types::TypeKind::integer) {
    made.numbers_ = {{-k_infinity, k_infinity}};
    made.whole_ = true;
  } else {
    return std::nullopt;
  }
  return made;
}

std::optional<Domain> Domain::only(const types::Value& value) {
  Domain made;
  if (const auto number = number_of(value)) {
    made.numbers_ = {{*number, *number}};
  } else if (value.is_string()) {
    made.texts_ = {value.as_string()};
  } else if (value.kind() == types::Kind::boolean) {
    made.booleans_ = value.as_boolean() ? 2 : 1;
  } else if (value.is_null()) {
    made.null_ = true;
  } else {
    return std::nullopt;
  }
  return made;
}

std::optional<Domain> Domain::below(const types::Value& bound, bool closed) {
  const auto number = number_of(bound);
  if (!number) return std::nullopt;
  Domain made;
  made.numbers_ = {{-k_infinity, closed ? *number : before(*number)}};
  return made;
}

std::optional<Domain> Domain::above(const types::Value& bound, bool closed) {
  const auto number = number_of(bound);
  if (!number) return std::nullopt;
  Domain made;
  made.numbers_ = {{closed ? *number : after(*number), k_infinity}};
  return made;
}

std::vector<Domain::Interval> Domain::joined(std::vector<Interval> all, bool whole) {
  std::erase_if(all, [](const Interval& part) { return part.low > part.high; });
  std::sort(all.begin(), all.end(), [](const Interval& a, const Interval& b) {
    return a.low != b.low ? a.low < b.low : a.high < b.high;
  });
  std::vector<Interval> out;
  for (const Interval& part : all) {
    const bool touches =
        !out.empty() && part.low <= (whole ? out.back().high + 1 : after(out.back().high));
    if (touches) {
      out.back().high = std::max(out.back().high, part.high);
    } else {
      out.push_back(part);
    }
  }
  return out;
}

Domain Domain::whole() const {
  Domain made = *this;
  made.whole_ = true;
  for (Interval& part : made.numbers_) part = {std::ceil(part.low), std::floor(part.high)};
  made.numbers_ = joined(std::move(made.numbers_), true);
  return made;
}

Domain Domain::numbers_only() const {
  Domain made;
  made.numbers_ = numbers_;
  made.whole_ = whole_;
  return made;
}

Domain Domain::complement() const {
  Domain made;
  made.whole_ = whole_;
  Number low = -k_infinity;
  bool open = true;  // something is left above `low`
  for (const Interval& part : numbers_) {
    if (part.low > low) made.numbers_.push_back({low, whole_ ? part.low - 1 : before(part.low)});
    open = part.high != k_infinity;
    low = whole_ ? part.high + 1 : after(part.high);
  }
  if (open) made.numbers_.push_back({low, k_infinity});
  made.all_texts_but_ = !all_texts_but_;
  made.texts_ = texts_;
  made.booleans_ = static_cast<std::uint8_t>(~booleans_ & 3);
  made.null_ = !null_;
  made.others_ = !others_;
  return made;
}

Domain Domain::operator|(const Domain& other) const {
  return (complement() & other.complement()).complement();
}

Domain Domain::operator&(const Domain& other) const {
  Domain made;
  made.whole_ = whole_ || other.whole_;
  for (const Interval& a : numbers_) {
    for (const Interval& b : other.numbers_)
      made.numbers_.push_back({std::max(a.low, b.low), std::min(a.high, b.high)});
  }
  made.numbers_ = joined(std::move(made.numbers_), made.whole_);
  made.all_texts_but_ = all_texts_but_ && other.all_texts_but_;
  if (made.all_texts_but_) {
    made.texts_ = either(texts_, other.texts_);
  } else if (all_texts_but_) {
    made.texts_ = minus(other.texts_, texts_);
  } else if (other.all_texts_but_) {
    made.texts_ = minus(texts_, other.texts_);
  } else {
    made.texts_ = both(texts_, other.texts_);
  }
  made.booleans_ = booleans_ & other.booleans_;
  made.null_ = null_ && other.null_;
  made.others_ = others_ && other.others_;
  return made.whole_ ? made.whole() : made;
}

bool Domain::empty() const {
  return numbers_.empty() && !all_texts_but_ && texts_.empty() && booleans_ == 0 && !null_ &&
         !others_;
}

}  // namespace vozex::expr

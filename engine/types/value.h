// SPDX-License-Identifier: Apache-2.0
//
// Value: one immutable value of the language, the same for input, data, events, results and
// expressions. Sixteen bytes: scalars inline, strings, lists and maps as shared, reference-counted
// nodes that nobody changes once made (so a copy is a pointer copy, and values may cross threads).
// Kinds are CEL's (https://github.com/google/cel-spec, language definition); equality and ordering
// here are CEL's heterogeneous ones: 1 == 1u == 1.0. JSON text in and out is json.h. Tests:
// tests/unit/types.
#pragma once

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/assert.h"
#include "engine/base/time.h"

namespace vozex::types {

enum class Kind : std::uint8_t {
  null = 0,
  boolean = 1,
  integer = 2,  // int64
  uint = 3,     // uint64
  real = 4,     // IEEE 754 double
  string = 5,   // UTF-8
  bytes = 6,
  timestamp = 7,  // seconds since 1970 and nanoseconds, years 0001 to 9999
  duration = 8,   // seconds and nanoseconds of one sign
  list = 9,
  map = 10,
  optional = 11,  // CEL's optional_type: a value or none
  type = 12,      // the name of a type
};

const char* to_string(Kind kind);

// Seconds and nanoseconds; for durations both have the same sign, for timestamps 0 <= nanos < 1e9.
struct SecondsNanos {
  std::int64_t seconds = 0;
  std::int32_t nanos = 0;
  auto operator<=>(const SecondsNanos&) const = default;
};

class Value {
 public:
  struct MapEntry;
  using List = std::vector<Value>;
  // Sorted by key (compare_keys), keys unique.
  using Map = std::vector<MapEntry>;

  Value() noexcept : kind_(Kind::null) { payload_.integer = 0; }
  Value(const Value& other) noexcept
      : kind_(other.kind_), nanos_(other.nanos_), payload_(other.payload_) {
    if (has_node()) payload_.node->references.fetch_add(1, std::memory_order_relaxed);
  }
  // A value that was moved from is null.
  Value(Value&& other) noexcept
      : kind_(other.kind_), nanos_(other.nanos_), payload_(other.payload_) {
    other.kind_ = Kind::null;
  }
  Value& operator=(const Value& other) noexcept { return *this = Value(other); }
  Value& operator=(Value&& other) noexcept;
  ~Value() {
    if (has_node()) release(kind_, payload_.node);
  }

  static Value boolean(bool value);
  static Value integer(std::int64_t value);
  static Value uint(std::uint64_t value);
  static Value real(double value);
  static Value string(std::string text);
  static Value bytes(std::string octets);
  static Value timestamp(SecondsNanos value);
  static Value timestamp(Timestamp value);
  static Value duration(SecondsNanos value);
  static Value duration(Duration value);
  static Value list(List items);
  // Sorts; of equal keys the last one counts.
  static Value map(Map entries);
  static Value object(std::initializer_list<std::pair<std::string, Value>> fields);
  static Value optional_none();
  static Value optional_of(Value value);
  static Value type(std::string name);

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::null; }
  bool is_string() const { return kind_ == Kind::string; }
  bool is_list() const { return kind_ == Kind::list; }
  bool is_map() const { return kind_ == Kind::map; }

  // Each asserts its kind.
  bool as_boolean() const;
  std::int64_t as_integer() const;
  std::uint64_t as_uint() const;
  double as_real() const;
  const std::string& as_string() const;  // of string, bytes and type
  SecondsNanos as_timestamp() const;
  SecondsNanos as_duration() const;
  const List& as_list() const;
  const Map& as_map() const;
  // nullptr for none. Valid as long as this value.
  const Value* as_optional() const;

  // To engine time, cut to microseconds.
  Timestamp to_timestamp() const;
  Duration to_duration() const;

  // Member of a map by string key or by any key; nullptr when absent or when this is no map.
  const Value* find(std::string_view key) const;
  const Value* find(const Value& key) const;
  // String member, or "" when absent or not a string.
  std::string_view text_at(std::string_view key) const;

  // This map with one entry set or removed; asserts map.
  Value with(std::string_view key, Value value) const;
  Value without(std::string_view key) const;
  // Swaps the member `key` with `value` in place. Only for a map that has the member and that
  // nobody else holds, so that no holder sees a value change; false when that is not so.
  bool exchange(std::string_view key, Value& value);

  bool operator==(const Value& other) const;

 private:
  // One type of node per kind of content; which one follows from the kind.
  struct Node {
    std::atomic<std::uint32_t> references{1};
  };
  struct TextNode;
  struct ListNode;
  struct MapNode;
  struct OptionalNode;
  union Payload {
    bool boolean;
    std::int64_t integer;
    std::uint64_t uint;
    double real;
    Node* node;
  };

  bool has_node() const {
    constexpr std::uint32_t k_with_node =
        1u << static_cast<unsigned>(Kind::string) | 1u << static_cast<unsigned>(Kind::bytes) |
        1u << static_cast<unsigned>(Kind::list) | 1u << static_cast<unsigned>(Kind::map) |
        1u << static_cast<unsigned>(Kind::optional) | 1u << static_cast<unsigned>(Kind::type);
    return (k_with_node >> static_cast<unsigned>(kind_) & 1u) != 0;
  }
  static void release(Kind kind, Node* node) noexcept {
    // Who holds the only reference can't be raced: nobody else is left to copy it. That saves the
    // locked instruction in the common case.
    if (node->references.load(std::memory_order_acquire) == 1 ||
        node->references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      destroy(kind, node);
    }
  }
  static void destroy(Kind kind, Node* node) noexcept;
  static void destroy_content(Kind kind, Node* node) noexcept;
  static Value from_node(Kind kind, Node* node) noexcept {
    Value value;
    value.kind_ = kind;
    value.payload_.node = node;
    return value;
  }

  Kind kind_;
  std::int32_t nanos_ = 0;
  Payload payload_;
};

struct Value::MapEntry {
  Value key;
  Value value;
};

struct Value::TextNode : Node {
  explicit TextNode(std::string t) : text(std::move(t)) {}
  std::string text;
};
struct Value::ListNode : Node {
  explicit ListNode(List l) : list(std::move(l)) {}
  List list;
};
struct Value::MapNode : Node {
  explicit MapNode(Map m) : map(std::move(m)) {}
  Map map;
};
struct Value::OptionalNode : Node {
  explicit OptionalNode(std::optional<Value> v) : value(std::move(v)) {}
  std::optional<Value> value;
};

inline Value& Value::operator=(Value&& other) noexcept {
  if (this == &other) return *this;
  const Value old = std::move(*this);  // released last: `other` may live inside it
  kind_ = other.kind_;
  nanos_ = other.nanos_;
  payload_ = other.payload_;
  other.kind_ = Kind::null;
  return *this;
}

inline Value Value::boolean(bool value) {
  Value v;
  v.kind_ = Kind::boolean;
  v.payload_.boolean = value;
  return v;
}
inline Value Value::integer(std::int64_t value) {
  Value v;
  v.kind_ = Kind::integer;
  v.payload_.integer = value;
  return v;
}
inline Value Value::uint(std::uint64_t value) {
  Value v;
  v.kind_ = Kind::uint;
  v.payload_.uint = value;
  return v;
}
inline Value Value::real(double value) {
  Value v;
  v.kind_ = Kind::real;
  v.payload_.real = value;
  return v;
}
inline Value Value::timestamp(SecondsNanos value) {
  Value v;
  v.kind_ = Kind::timestamp;
  v.nanos_ = value.nanos;
  v.payload_.integer = value.seconds;
  return v;
}
inline Value Value::duration(SecondsNanos value) {
  Value v = timestamp(value);
  v.kind_ = Kind::duration;
  return v;
}

inline bool Value::as_boolean() const {
  VOZEX_ASSERT(kind_ == Kind::boolean);
  return payload_.boolean;
}
inline std::int64_t Value::as_integer() const {
  VOZEX_ASSERT(kind_ == Kind::integer);
  return payload_.integer;
}
inline std::uint64_t Value::as_uint() const {
  VOZEX_ASSERT(kind_ == Kind::uint);
  return payload_.uint;
}
inline double Value::as_real() const {
  VOZEX_ASSERT(kind_ == Kind::real);
  return payload_.real;
}
inline const std::string& Value::as_string() const {
  VOZEX_ASSERT(kind_ == Kind::string || kind_ == Kind::bytes || kind_ == Kind::type);
  return static_cast<const TextNode*>(payload_.node)->text;
}
inline SecondsNanos Value::as_timestamp() const {
  VOZEX_ASSERT(kind_ == Kind::timestamp);
  return {payload_.integer, nanos_};
}
inline SecondsNanos Value::as_duration() const {
  VOZEX_ASSERT(kind_ == Kind::duration);
  return {payload_.integer, nanos_};
}
inline const Value::List& Value::as_list() const {
  VOZEX_ASSERT(kind_ == Kind::list);
  return static_cast<const ListNode*>(payload_.node)->list;
}
inline const Value::Map& Value::as_map() const {
  VOZEX_ASSERT(kind_ == Kind::map);
  return static_cast<const MapNode*>(payload_.node)->map;
}
inline const Value* Value::as_optional() const {
  VOZEX_ASSERT(kind_ == Kind::optional);
  const auto& value = static_cast<const OptionalNode*>(payload_.node)->value;
  return value ? &*value : nullptr;
}

// CEL's ordering of two values of comparable kinds (numbers with each other, else like with like):
// -1, 0, 1, or nothing when they can't be compared or a NaN is among them.
std::optional<int> compare(const Value& a, const Value& b);

// Total order of map keys: bool < numbers < string; a NaN is behind all other numbers.
int compare_keys(const Value& a, const Value& b);

// Approximate bytes of memory, for bounds.
std::size_t weight(const Value& value);

}  // namespace vozex::types

// SPDX-License-Identifier: Apache-2.0
#include "engine/types/value.h"

#include <algorithm>
#include <cmath>

#include "engine/base/assert.h"

namespace vozex::types {

// One shared node. Which member is used follows from the owning value's kind.
struct Value::Node {
  explicit Node(std::string t) : text(std::move(t)) {}
  explicit Node(List l) : list(std::move(l)) {}
  explicit Node(Map m) : map(std::move(m)) {}

  std::atomic<std::uint32_t> references{1};
  std::string text;
  List list;  // of optional: no or one element
  Map map;
};

const char* to_string(Kind kind) {
  switch (kind) {
    case Kind::null: return "null";
    case Kind::boolean: return "bool";
    case Kind::integer: return "int";
    case Kind::uint: return "uint";
    case Kind::real: return "double";
    case Kind::string: return "string";
    case Kind::bytes: return "bytes";
    case Kind::timestamp: return "timestamp";
    case Kind::duration: return "duration";
    case Kind::list: return "list";
    case Kind::map: return "map";
    case Kind::optional: return "optional";
    case Kind::type: return "type";
  }
  return "null";
}

bool Value::has_node() const {
  switch (kind_) {
    case Kind::string:
    case Kind::bytes:
    case Kind::list:
    case Kind::map:
    case Kind::optional:
    case Kind::type: return true;
    case Kind::null:
    case Kind::boolean:
    case Kind::integer:
    case Kind::uint:
    case Kind::real:
    case Kind::timestamp:
    case Kind::duration: return false;
  }
  return false;
}

Value::Value(const Value& other) noexcept : kind_(other.kind_), nanos_(other.nanos_), payload_(other.payload_) {
  if (has_node()) payload_.node->references.fetch_add(1, std::memory_order_relaxed);
}

Value::Value(Value&& other) noexcept : kind_(other.kind_), nanos_(other.nanos_), payload_(other.payload_) {
  other.kind_ = Kind::null;
}

Value& Value::operator=(const Value& other) noexcept {
  Value copy(other);
  return *this = std::move(copy);
}

Value& Value::operator=(Value&& other) noexcept {
  std::swap(kind_, other.kind_);
  std::swap(nanos_, other.nanos_);
  std::swap(payload_, other.payload_);
  return *this;
}

Value::~Value() {
  if (has_node() && payload_.node->references.fetch_sub(1, std::memory_order_acq_rel) == 1) delete payload_.node;
}

Value Value::from_node(Kind kind, Node* node) {
  Value value;
  value.kind_ = kind;
  value.payload_.node = node;
  return value;
}

Value Value::boolean(bool value) {
  Value v;
  v.kind_ = Kind::boolean;
  v.payload_.boolean = value;
  return v;
}

Value Value::integer(std::int64_t value) {
  Value v;
  v.kind_ = Kind::integer;
  v.payload_.integer = value;
  return v;
}

Value Value::uint(std::uint64_t value) {
  Value v;
  v.kind_ = Kind::uint;
  v.payload_.uint = value;
  return v;
}

Value Value::real(double value) {
  Value v;
  v.kind_ = Kind::real;
  v.payload_.real = value;
  return v;
}

Value Value::string(std::string text) { return from_node(Kind::string, new Node(std::move(text))); }
Value Value::bytes(std::string octets) { return from_node(Kind::bytes, new Node(std::move(octets))); }
Value Value::type(std::string name) { return from_node(Kind::type, new Node(std::move(name))); }

Value Value::timestamp(SecondsNanos value) {
  Value v;
  v.kind_ = Kind::timestamp;
  v.nanos_ = value.nanos;
  v.payload_.integer = value.seconds;
  return v;
}

Value Value::timestamp(Timestamp value) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(value);
  const auto micros = (value - seconds).count();
  return timestamp(SecondsNanos{seconds.time_since_epoch().count(), static_cast<std::int32_t>(micros * 1000)});
}

Value Value::duration(SecondsNanos value) {
  Value v = timestamp(value);
  v.kind_ = Kind::duration;
  return v;
}

Value Value::duration(Duration value) {
  const std::int64_t micros = value.count();
  return duration(SecondsNanos{micros / 1'000'000, static_cast<std::int32_t>(micros % 1'000'000 * 1000)});
}

Value Value::list(List items) { return from_node(Kind::list, new Node(std::move(items))); }

Value Value::map(Map entries) {
  const auto before = [](const MapEntry& a, const MapEntry& b) { return compare_keys(a.key, b.key) < 0; };
  if (!std::is_sorted(entries.begin(), entries.end(), before)) {
    std::stable_sort(entries.begin(), entries.end(), before);
  }
  // Of equal keys keep the last: walk from the back.
  const auto same = [](const MapEntry& a, const MapEntry& b) { return compare_keys(a.key, b.key) == 0; };
  auto kept = std::unique(entries.rbegin(), entries.rend(), same);
  entries.erase(entries.begin(), kept.base());
  return from_node(Kind::map, new Node(std::move(entries)));
}

Value Value::object(std::initializer_list<std::pair<std::string, Value>> fields) {
  Map entries;
  entries.reserve(fields.size());
  for (const auto& [name, value] : fields) entries.push_back({string(name), value});
  return map(std::move(entries));
}

Value Value::optional_none() { return from_node(Kind::optional, new Node(List{})); }
Value Value::optional_of(Value value) {
  List one;
  one.push_back(std::move(value));
  return from_node(Kind::optional, new Node(std::move(one)));
}

bool Value::as_boolean() const {
  VOZEX_ASSERT(kind_ == Kind::boolean);
  return payload_.boolean;
}
std::int64_t Value::as_integer() const {
  VOZEX_ASSERT(kind_ == Kind::integer);
  return payload_.integer;
}
std::uint64_t Value::as_uint() const {
  VOZEX_ASSERT(kind_ == Kind::uint);
  return payload_.uint;
}
double Value::as_real() const {
  VOZEX_ASSERT(kind_ == Kind::real);
  return payload_.real;
}
const std::string& Value::as_string() const {
  VOZEX_ASSERT(kind_ == Kind::string || kind_ == Kind::bytes || kind_ == Kind::type);
  return payload_.node->text;
}
SecondsNanos Value::as_timestamp() const {
  VOZEX_ASSERT(kind_ == Kind::timestamp);
  return {payload_.integer, nanos_};
}
SecondsNanos Value::as_duration() const {
  VOZEX_ASSERT(kind_ == Kind::duration);
  return {payload_.integer, nanos_};
}
const Value::List& Value::as_list() const {
  VOZEX_ASSERT(kind_ == Kind::list);
  return payload_.node->list;
}
const Value::Map& Value::as_map() const {
  VOZEX_ASSERT(kind_ == Kind::map);
  return payload_.node->map;
}
const Value* Value::as_optional() const {
  VOZEX_ASSERT(kind_ == Kind::optional);
  return payload_.node->list.empty() ? nullptr : payload_.node->list.data();
}

Timestamp Value::to_timestamp() const {
  const SecondsNanos at = as_timestamp();
  return Timestamp{std::chrono::seconds{at.seconds}} + Duration{at.nanos / 1000};
}

Duration Value::to_duration() const {
  const SecondsNanos length = as_duration();
  return std::chrono::seconds{length.seconds} + Duration{length.nanos / 1000};
}

namespace {

int sign_of(bool less, bool greater) { return less ? -1 : (greater ? 1 : 0); }

bool is_number(Kind kind) { return kind == Kind::integer || kind == Kind::uint || kind == Kind::real; }

int compare_int_real(std::int64_t a, double b) {
  if (b >= 9223372036854775808.0) return -1;
  if (b < -9223372036854775808.0) return 1;
  const auto whole = static_cast<std::int64_t>(b);
  if (a != whole) return a < whole ? -1 : 1;
  const double rest = b - static_cast<double>(whole);
  return sign_of(rest > 0, rest < 0);
}

int compare_uint_real(std::uint64_t a, double b) {
  if (b >= 18446744073709551616.0) return -1;
  if (b < 0) return 1;
  const auto whole = static_cast<std::uint64_t>(b);
  if (a != whole) return a < whole ? -1 : 1;
  return b - static_cast<double>(whole) > 0 ? -1 : 0;
}

std::optional<int> compare_numbers(const Value& a, const Value& b) {
  if (a.kind() == Kind::real && b.kind() == Kind::real) {
    const double x = a.as_real();
    const double y = b.as_real();
    if (std::isnan(x) || std::isnan(y)) return std::nullopt;
    return sign_of(x < y, x > y);
  }
  if (a.kind() == Kind::real) {
    const auto turned = compare_numbers(b, a);
    return turned ? std::optional<int>(-*turned) : std::nullopt;
  }
  if (b.kind() == Kind::real) {
    if (std::isnan(b.as_real())) return std::nullopt;
    return a.kind() == Kind::integer ? compare_int_real(a.as_integer(), b.as_real())
                                     : compare_uint_real(a.as_uint(), b.as_real());
  }
  if (a.kind() == Kind::integer && b.kind() == Kind::integer) {
    return sign_of(a.as_integer() < b.as_integer(), a.as_integer() > b.as_integer());
  }
  if (a.kind() == Kind::uint && b.kind() == Kind::uint) {
    return sign_of(a.as_uint() < b.as_uint(), a.as_uint() > b.as_uint());
  }
  if (a.kind() == Kind::integer) {
    if (a.as_integer() < 0) return -1;
    const auto x = static_cast<std::uint64_t>(a.as_integer());
    return sign_of(x < b.as_uint(), x > b.as_uint());
  }
  const auto turned = compare_numbers(b, a);
  return turned ? std::optional<int>(-*turned) : std::nullopt;
}

int key_rank(Kind kind) {
  if (kind == Kind::boolean) return 0;
  if (is_number(kind)) return 1;
  return kind == Kind::string ? 2 : 3;
}

}  // namespace

std::optional<int> compare(const Value& a, const Value& b) {
  if (is_number(a.kind()) && is_number(b.kind())) return compare_numbers(a, b);
  if (a.kind() != b.kind()) return std::nullopt;
  switch (a.kind()) {
    case Kind::boolean: return sign_of(!a.as_boolean() && b.as_boolean(), a.as_boolean() && !b.as_boolean());
    case Kind::string:
    case Kind::bytes: {
      const int order = a.as_string().compare(b.as_string());
      return sign_of(order < 0, order > 0);
    }
    case Kind::timestamp: return sign_of(a.as_timestamp() < b.as_timestamp(), a.as_timestamp() > b.as_timestamp());
    case Kind::duration: return sign_of(a.as_duration() < b.as_duration(), a.as_duration() > b.as_duration());
    case Kind::null:
    case Kind::integer:
    case Kind::uint:
    case Kind::real:
    case Kind::list:
    case Kind::map:
    case Kind::optional:
    case Kind::type: return std::nullopt;
  }
  return std::nullopt;
}

int compare_keys(const Value& a, const Value& b) {
  const int left = key_rank(a.kind());
  const int right = key_rank(b.kind());
  if (left != right) return left < right ? -1 : 1;
  return compare(a, b).value_or(0);
}

bool Value::operator==(const Value& other) const {
  if (is_number(kind_) && is_number(other.kind_)) return compare(*this, other) == 0;
  if (kind_ != other.kind_) return false;
  switch (kind_) {
    case Kind::null: return true;
    case Kind::boolean: return as_boolean() == other.as_boolean();
    case Kind::string:
    case Kind::bytes:
    case Kind::type: return payload_.node == other.payload_.node || as_string() == other.as_string();
    case Kind::timestamp:
    case Kind::duration: return payload_.integer == other.payload_.integer && nanos_ == other.nanos_;
    case Kind::list: return as_list() == other.as_list();
    case Kind::map:
      return std::equal(as_map().begin(), as_map().end(), other.as_map().begin(), other.as_map().end(),
                        [](const MapEntry& a, const MapEntry& b) { return a.key == b.key && a.value == b.value; });
    case Kind::optional: {
      const Value* mine = as_optional();
      const Value* theirs = other.as_optional();
      if (mine == nullptr || theirs == nullptr) return mine == theirs;
      return *mine == *theirs;
    }
    case Kind::integer:
    case Kind::uint:
    case Kind::real: return false;  // numbers were compared above
  }
  return false;
}

const Value* Value::find(const Value& key) const {
  if (kind_ != Kind::map) return nullptr;
  const Map& entries = as_map();
  const auto at = std::lower_bound(entries.begin(), entries.end(), key,
                                   [](const MapEntry& e, const Value& k) { return compare_keys(e.key, k) < 0; });
  if (at == entries.end() || !(at->key == key)) return nullptr;
  return &at->value;
}

const Value* Value::find(std::string_view key) const {
  if (kind_ != Kind::map) return nullptr;
  const Map& entries = as_map();
  const auto at = std::lower_bound(entries.begin(), entries.end(), key, [](const MapEntry& e, std::string_view k) {
    return !e.key.is_string() || e.key.as_string() < k;
  });
  if (at == entries.end() || !at->key.is_string() || at->key.as_string() != key) return nullptr;
  return &at->value;
}

std::string_view Value::text_at(std::string_view key) const {
  const Value* member = find(key);
  if (member == nullptr || !member->is_string()) return {};
  return member->as_string();
}

Value Value::with(std::string_view key, Value value) const {
  Map entries = as_map();
  entries.push_back({string(std::string(key)), std::move(value)});
  return map(std::move(entries));
}

Value Value::without(std::string_view key) const {
  Map entries = as_map();
  std::erase_if(entries, [&](const MapEntry& e) { return e.key.is_string() && e.key.as_string() == key; });
  return map(std::move(entries));
}

std::size_t weight(const Value& value) {
  std::size_t total = sizeof(Value);
  switch (value.kind()) {
    case Kind::string:
    case Kind::bytes:
    case Kind::type: return total + value.as_string().size();
    case Kind::list:
      for (const Value& item : value.as_list()) total += weight(item);
      return total;
    case Kind::map:
      for (const Value::MapEntry& entry : value.as_map()) total += weight(entry.key) + weight(entry.value);
      return total;
    case Kind::optional: return value.as_optional() == nullptr ? total : total + weight(*value.as_optional());
    case Kind::null:
    case Kind::boolean:
    case Kind::integer:
    case Kind::uint:
    case Kind::real:
    case Kind::timestamp:
    case Kind::duration: return total;
  }
  return total;
}

}  // namespace vozex::types

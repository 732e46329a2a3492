// SPDX-License-Identifier: Apache-2.0
#include "engine/types/value.h"

#include <algorithm>
#include <cmath>

#include "engine/base/assert.h"

namespace vozex::types {

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

namespace {

// Containers inside containers are destroyed by recursion down to here, then one after the other: a
// value may be nested deeper than the stack is.
constexpr int k_max_recursion = 200;
thread_local int recursion = 0;
thread_local std::vector<Value>* postponed = nullptr;

}  // namespace

void Value::destroy_content(Kind kind, Node* node) noexcept {
  if (kind == Kind::list) {
    delete static_cast<ListNode*>(node);
  } else if (kind == Kind::map) {
    delete static_cast<MapNode*>(node);
  } else if (kind == Kind::optional) {
    delete static_cast<OptionalNode*>(node);
  } else {
    delete static_cast<TextNode*>(node);
  }
}

void Value::destroy(Kind kind, Node* node) noexcept {
  if (kind == Kind::string || kind == Kind::bytes || kind == Kind::type) {
    delete static_cast<TextNode*>(node);
  } else if (recursion == k_max_recursion) {
    node->references.store(1, std::memory_order_relaxed);
    postponed->push_back(from_node(kind, node));
  } else if (recursion > 0) {
    ++recursion;
    destroy_content(kind, node);
    --recursion;
  } else {
    std::vector<Value> later;
    postponed = &later;
    recursion = 1;
    destroy_content(kind, node);
    while (!later.empty()) {
      const Value next = std::move(later.back());
      later.pop_back();
    }
    recursion = 0;
    postponed = nullptr;
  }
}

Value Value::string(std::string text) {
  return from_node(Kind::string, new TextNode(std::move(text)));
}
Value Value::bytes(std::string octets) {
  return from_node(Kind::bytes, new TextNode(std::move(octets)));
}
Value Value::type(std::string name) { return from_node(Kind::type, new TextNode(std::move(name))); }

Value Value::timestamp(Timestamp value) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(value);
  const auto micros = (value - seconds).count();
  return timestamp(
      SecondsNanos{seconds.time_since_epoch().count(), static_cast<std::int32_t>(micros * 1000)});
}

Value Value::duration(Duration value) {
  const std::int64_t micros = value.count();
  return duration(
      SecondsNanos{micros / 1'000'000, static_cast<std::int32_t>(micros % 1'000'000 * 1000)});
}

Value Value::list(List items) { return from_node(Kind::list, new ListNode(std::move(items))); }

namespace {

// std::stable_sort takes memory of its own, for however few.
template <class Before>
void sort_stably(Value::Map& entries, Before before) {
  constexpr std::size_t k_few = 24;
  if (entries.size() > k_few) return std::stable_sort(entries.begin(), entries.end(), before);
  for (std::size_t i = 1; i < entries.size(); ++i) {
    if (!before(entries[i], entries[i - 1])) continue;
    Value::MapEntry entry = std::move(entries[i]);
    std::size_t at = i;
    for (; at > 0 && before(entry, entries[at - 1]); --at) entries[at] = std::move(entries[at - 1]);
    entries[at] = std::move(entry);
  }
}

}  // namespace

Value Value::map(Map entries) {
  const auto before = [](const MapEntry& a, const MapEntry& b) {
    return compare_keys(a.key, b.key) < 0;
  };
  const auto not_before = [&](const MapEntry& a, const MapEntry& b) { return !before(a, b); };
  if (std::adjacent_find(entries.begin(), entries.end(), not_before) != entries.end()) {
    sort_stably(entries, before);
    // Of equal keys keep the last: walk from the back.
    const auto kept =
        std::unique(entries.rbegin(), entries.rend(), [&](const MapEntry& a, const MapEntry& b) {
          return compare_keys(a.key, b.key) == 0;
        });
    entries.erase(entries.begin(), kept.base());
  }
  return from_node(Kind::map, new MapNode(std::move(entries)));
}

Value Value::object(std::initializer_list<std::pair<std::string, Value>> fields) {
  Map entries;
  entries.reserve(fields.size());
  for (const auto& [name, value] : fields) entries.push_back({string(name), value});
  return map(std::move(entries));
}

Value Value::optional_none() { return from_node(Kind::optional, new OptionalNode(std::nullopt)); }
Value Value::optional_of(Value value) {
  return from_node(Kind::optional, new OptionalNode(std::move(value)));
}

Timestamp Value::to_timestamp() const {
  const SecondsNanos at = as_timestamp();
  return Timestamp{std::chrono::seconds{at.seconds}} + Duration{at.nanos / 1000};
}

Duration Value::to_duration() const {
  const SecondsNanos length = as_duration();
  // CEL's durations reach beyond what microseconds in an int64 can hold: those become the longest
  // there is.
  std::int64_t micros = 0;
  if (__builtin_mul_overflow(length.seconds, std::int64_t{1'000'000}, &micros) ||
      __builtin_add_overflow(micros, std::int64_t{length.nanos / 1000}, &micros)) {
    return length.seconds < 0 ? Duration::min() : Duration::max();
  }
  return Duration{micros};
}

namespace {

int sign_of(bool less, bool greater) { return less ? -1 : (greater ? 1 : 0); }

int sign_of_order(int order) { return sign_of(order < 0, order > 0); }

bool is_number(Kind kind) {
  return kind == Kind::integer || kind == Kind::uint || kind == Kind::real;
}

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
    return sign_of(x<y, x> y);
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
    return sign_of(x<b.as_uint(), x> b.as_uint());
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
    case Kind::boolean:
      return sign_of(!a.as_boolean() && b.as_boolean(), a.as_boolean() && !b.as_boolean());
    case Kind::string:
    case Kind::bytes: {
      const int order = a.as_string().compare(b.as_string());
      return sign_of(order < 0, order > 0);
    }
    case Kind::timestamp:
      return sign_of(a.as_timestamp() < b.as_timestamp(), a.as_timestamp() > b.as_timestamp());
    case Kind::duration:
      return sign_of(a.as_duration() < b.as_duration(), a.as_duration() > b.as_duration());
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
  if (a.is_string()) return sign_of_order(a.as_string().compare(b.as_string()));
  if (const auto order = compare(a, b)) return *order;
  const auto is_nan = [](const Value& key) {
    return key.kind() == Kind::real && std::isnan(key.as_real());
  };
  return sign_of(!is_nan(a) && is_nan(b), is_nan(a) && !is_nan(b));
}

bool Value::operator==(const Value& other) const {
  if (is_number(kind_) && is_number(other.kind_)) return compare(*this, other) == 0;
  if (kind_ != other.kind_) return false;
  switch (kind_) {
    case Kind::null: return true;
    case Kind::boolean: return as_boolean() == other.as_boolean();
    case Kind::string:
    case Kind::bytes:
    case Kind::type:
      return payload_.node == other.payload_.node || as_string() == other.as_string();
    case Kind::timestamp:
    case Kind::duration:
      return payload_.integer == other.payload_.integer && nanos_ == other.nanos_;
    case Kind::list: return as_list() == other.as_list();
    case Kind::map:
      return std::equal(as_map().begin(),
                        as_map().end(),
                        other.as_map().begin(),
                        other.as_map().end(),
                        [](const MapEntry& a, const MapEntry& b) {
                          return a.key == b.key && a.value == b.value;
                        });
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

namespace {

bool is_before(const Value::MapEntry& entry, std::string_view key) {
  return !entry.key.is_string() || entry.key.as_string() < key;
}

// The entry of a string key, or the end. In a small map a walk is quicker: most names differ in
// length.
template <class Entries>
auto entry_of(Entries& entries, std::string_view key) {
  constexpr std::size_t k_small = 12;
  const auto is_it = [key](const Value::MapEntry& entry) {
    return entry.key.is_string() && entry.key.as_string() == key;
  };
  if (entries.size() <= k_small) return std::find_if(entries.begin(), entries.end(), is_it);
  const auto at = std::lower_bound(entries.begin(), entries.end(), key, is_before);
  return at != entries.end() && is_it(*at) ? at : entries.end();
}

}  // namespace

const Value* Value::find(const Value& key) const {
  if (kind_ != Kind::map) return nullptr;
  const Map& entries = as_map();
  const auto at =
      std::lower_bound(entries.begin(), entries.end(), key, [](const MapEntry& e, const Value& k) {
        return compare_keys(e.key, k) < 0;
      });
  if (at == entries.end() || !(at->key == key)) return nullptr;
  return &at->value;
}

const Value* Value::find(std::string_view key) const {
  if (kind_ != Kind::map) return nullptr;
  const Map& entries = as_map();
  const auto at = entry_of(entries, key);
  return at != entries.end() ? &at->value : nullptr;
}

std::string_view Value::text_at(std::string_view key) const {
  const Value* member = find(key);
  if (member == nullptr || !member->is_string()) return {};
  return member->as_string();
}

Value Value::with(std::string_view key, Value value) const {
  const Map& entries = as_map();
  const auto at = std::lower_bound(entries.begin(), entries.end(), key, is_before);
  const bool replaces = at != entries.end() && at->key.is_string() && at->key.as_string() == key;
  Map changed;
  changed.reserve(entries.size() + (replaces ? 0 : 1));
  changed.insert(changed.end(), entries.begin(), at);
  changed.push_back({replaces ? at->key : string(std::string(key)), std::move(value)});
  changed.insert(changed.end(), replaces ? at + 1 : at, entries.end());
  return from_node(Kind::map, new MapNode(std::move(changed)));
}

bool Value::exchange(std::string_view key, Value& value) {
  // A count of one can't rise behind our back: only a holder can make another.
  if (kind_ != Kind::map || payload_.node->references.load(std::memory_order_acquire) != 1)
    return false;
  Map& entries = static_cast<MapNode*>(payload_.node)->map;
  const auto at = entry_of(entries, key);
  if (at == entries.end()) return false;
  std::swap(at->value, value);
  return true;
}

Value Value::without(std::string_view key) const {
  if (find(key) == nullptr) {
    VOZEX_ASSERT(kind_ == Kind::map);
    return *this;
  }
  Map entries = as_map();
  std::erase_if(entries,
                [&](const MapEntry& e) { return e.key.is_string() && e.key.as_string() == key; });
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
      for (const Value::MapEntry& entry : value.as_map())
        total += weight(entry.key) + weight(entry.value);
      return total;
    case Kind::optional:
      return value.as_optional() == nullptr ? total : total + weight(*value.as_optional());
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

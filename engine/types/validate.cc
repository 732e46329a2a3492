// SPDX-License-Identifier: Apache-2.0
#include "engine/types/validate.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "engine/base/base64.h"
#include "engine/base/text.h"
#include "engine/types/constraints.h"
#include "engine/types/json.h"
#include "engine/types/time_text.h"

namespace vozex::types {
namespace {

constexpr std::size_t k_max_depth = 100;
constexpr std::size_t k_max_quoted = 60;         // bytes of a refused string in its message
constexpr std::size_t k_max_named_options = 12;  // options of an enumeration in a message

// Where the checker stands, as a chain through its stack frames: text is made only for faults.
struct Place {
  const Place* up = nullptr;
  std::string_view member;
  std::size_t index = 0;
  bool is_index = false;
};

std::string pointer_to(const Place* place) {
  if (place == nullptr || place->up == nullptr) return "";
  std::string pointer = pointer_to(place->up) + "/";
  if (place->is_index) return pointer + std::to_string(place->index);
  for (const char c : place->member) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
  return pointer;
}

std::string quoted(std::string_view text) {
  std::string out;
  if (text.size() <= k_max_quoted) {
    append_json_string(out, text);
    return out;
  }
  std::size_t end = k_max_quoted;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80u) --end;
  append_json_string(out, text.substr(0, end));
  return out + "... (" + std::to_string(text.size()) + " bytes)";
}

std::string number_text(double number) {
  std::string text = to_json(Value::real(number));
  if (text.size() > 2 && text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

// "string \"12\"", "int 3", "an object".
std::string what_came(const Value& value) {
  switch (value.kind()) {
    case Kind::string: return "string " + quoted(value.as_string());
    case Kind::boolean:
    case Kind::integer:
    case Kind::uint:
    case Kind::real: return std::string(to_string(value.kind())) + " " + to_json(value);
    case Kind::map: return "an object";
    case Kind::list: return "a list";
    case Kind::null:
    case Kind::bytes:
    case Kind::timestamp:
    case Kind::duration:
    case Kind::optional:
    case Kind::type: return to_string(value.kind());
  }
  return "nothing";
}

std::string what_was_wanted(const Type& type) {
  if (type.kind == TypeKind::object) {
    return type.name.empty() ? "an object" : type.name + " (an object)";
  }
  if (type.kind == TypeKind::money) return "money like {\"minor\": 4900, \"currency\": \"EUR\"}";
  if (type.kind == TypeKind::timestamp) return "timestamp like \"2026-11-20T10:00:00Z\"";
  if (type.kind == TypeKind::duration) return "duration like \"1h30m\" or \"PT90M\"";
  if (type.kind == TypeKind::bytes) return "bytes as base64";
  return to_string(type);
}

std::optional<std::int64_t> whole_number(const Value& value) {
  constexpr std::int64_t k_max = std::numeric_limits<std::int64_t>::max();
  switch (value.kind()) {
    case Kind::integer: return value.as_integer();
    case Kind::uint:
      if (value.as_uint() > static_cast<std::uint64_t>(k_max)) return std::nullopt;
      return static_cast<std::int64_t>(value.as_uint());
    case Kind::real: {
      const double number = value.as_real();
      // -2^63 is a double, 2^63 - 1 is not; a NaN fails the first comparison.
      const bool fits = number >= -9223372036854775808.0 && number < 9223372036854775808.0;
      if (!fits || std::trunc(number) != number) return std::nullopt;
      return static_cast<std::int64_t>(number);
    }
    case Kind::null:
    case Kind::boolean:
    case Kind::string:
    case Kind::bytes:
    case Kind::timestamp:
    case Kind::duration:
    case Kind::list:
    case Kind::map:
    case Kind::optional:
    case Kind::type: return std::nullopt;
  }
  return std::nullopt;
}

std::optional<double> real_number(const Value& value) {
  if (value.kind() == Kind::real) return value.as_real();
  if (value.kind() == Kind::integer) return static_cast<double>(value.as_integer());
  if (value.kind() == Kind::uint) return static_cast<double>(value.as_uint());
  if (value.kind() != Kind::string) return std::nullopt;
  // How JSON carries them; see json.h.
  const std::string& text = value.as_string();
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  return std::nullopt;
}

bool is_absent(const Value& value) {
  return value.is_null() || (value.kind() == Kind::optional && value.as_optional() == nullptr);
}

bool is_currency(const Value& value) {
  if (!value.is_string() || value.as_string().size() != 3) return false;
  const std::string& code = value.as_string();
  return std::all_of(code.begin(), code.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

// Each check returns the normalised value, or nothing when it is the given one: what fits as it
// stands is passed on by reference and costs no allocation. After a fault the return value means
// nothing.
using Changed = std::optional<Value>;

class Checker {
 public:
  explicit Checker(Unknown unknown) : unknown_(unknown) {}

  Changed check(const Value& given, const Type& type, const Place& place) {
    if (++depth_ > k_max_depth) {
      fault(place, "nested too deeply");
      --depth_;
      return std::nullopt;
    }
    Changed changed;
    if (given.kind() == Kind::optional && given.as_optional() != nullptr) {
      changed = check(*given.as_optional(), type, place);
      if (!changed) changed = *given.as_optional();
    } else {
      changed = check_present(given, type, place);
    }
    --depth_;
    return changed;
  }

  std::vector<Fault> take_faults() { return std::move(faults_); }
  bool clean() const { return faults_.empty(); }

 private:
  Changed check_present(const Value& given, const Type& type, const Place& place) {
    switch (type.kind) {
      case TypeKind::dyn:
      case TypeKind::nothing: return std::nullopt;
      case TypeKind::null: return same_kind(given, Kind::null, type, place);
      case TypeKind::boolean: return same_kind(given, Kind::boolean, type, place);
      case TypeKind::type: return same_kind(given, Kind::type, type, place);
      case TypeKind::integer: return check_integer(given, type, place);
      case TypeKind::uint: return check_uint(given, type, place);
      case TypeKind::real: return check_real(given, type, place);
      case TypeKind::string:
      case TypeKind::secret: return check_string(given, type, place);
      case TypeKind::bytes: return check_bytes(given, type, place);
      case TypeKind::timestamp: return check_timestamp(given, type, place);
      case TypeKind::duration: return check_duration(given, type, place);
      case TypeKind::money: return check_money(given, type, place);
      case TypeKind::enumeration: return check_enumeration(given, type, place);
      case TypeKind::list: return check_list(given, type, place);
      case TypeKind::map: return check_map(given, type, place);
      case TypeKind::object: return check_object(given, type, place);
      case TypeKind::optional:
        if (!is_absent(given)) return check(given, *type.element, place);
        return given.is_null() ? Changed() : Changed(Value());
    }
    return std::nullopt;
  }

  Changed same_kind(const Value& given, Kind kind, const Type& type, const Place& place) {
    if (given.kind() != kind) return mismatch(given, type, place);
    return std::nullopt;
  }

  Changed check_integer(const Value& given, const Type& type, const Place& place) {
    const auto number = whole_number(given);
    if (!number) return mismatch(given, type, place);
    const Value result = Value::integer(*number);
    check_bounds(result, type, place);
    return given.kind() == Kind::integer ? Changed() : Changed(result);
  }

  Changed check_uint(const Value& given, const Type& type, const Place& place) {
    if (given.kind() == Kind::uint) {
      check_bounds(given, type, place);
      return std::nullopt;
    }
    const auto number = whole_number(given);
    if (!number || *number < 0) return mismatch(given, type, place);
    const Value result = Value::uint(static_cast<std::uint64_t>(*number));
    check_bounds(result, type, place);
    return result;
  }

  Changed check_real(const Value& given, const Type& type, const Place& place) {
    const auto number = real_number(given);
    if (!number) return mismatch(given, type, place);
    const Value result = Value::real(*number);
    check_bounds(result, type, place);
    return given.kind() == Kind::real ? Changed() : Changed(result);
  }

  Changed check_string(const Value& given, const Type& type, const Place& place) {
    if (!given.is_string()) return mismatch(given, type, place);
    const std::string& text = given.as_string();
    const Constraints& rules = type.constraints;
    if (rules.min_length || rules.max_length) {
      check_length(code_points(text), "characters", type, place);
    }
    // What a secret holds is never repeated.
    const std::string came = type.kind == TypeKind::secret ? "what came" : quoted(text);
    if (!rules.pattern.empty() && !matches_pattern(text, rules.pattern)) {
      fault(place, "expected text that matches " + rules.pattern + " as a whole, got " + came);
    }
    if (!rules.format.empty() && !matches_format(text, rules.format)) {
      fault(place, "expected " + rules.format + ", got " + came);
    }
    return std::nullopt;
  }

  Changed check_bytes(const Value& given, const Type& type, const Place& place) {
    Changed changed;
    if (given.is_string()) {
      auto octets = parse_base64(given.as_string());
      if (!octets) return mismatch(given, type, place);
      changed = Value::bytes(std::move(*octets));
    } else if (given.kind() != Kind::bytes) {
      return mismatch(given, type, place);
    }
    check_length((changed ? *changed : given).as_string().size(), "bytes", type, place);
    return changed;
  }

  Changed check_timestamp(const Value& given, const Type& type, const Place& place) {
    if (given.kind() == Kind::timestamp) return std::nullopt;
    if (given.is_string()) {
      if (const auto at = parse_timestamp_text(given.as_string())) return Value::timestamp(*at);
    }
    return mismatch(given, type, place);
  }

  Changed check_duration(const Value& given, const Type& type, const Place& place) {
    if (given.kind() == Kind::duration) return std::nullopt;
    if (given.is_string()) {
      if (const auto length = parse_duration_text(given.as_string())) {
        return Value::duration(*length);
      }
    }
    return mismatch(given, type, place);
  }

  // Strict: an amount with a member that nobody knows (a scale, say) may mean another amount.
  Changed check_money(const Value& given, const Type& type, const Place& place) {
    if (!given.is_map()) return mismatch(given, type, place);
    const Place minor_place{&place, "minor"};
    const Place currency_place{&place, "currency"};
    const Value* minor = given.find("minor");
    const Value* currency = given.find("currency");
    Changed changed;
    if (minor == nullptr) {
      fault(minor_place, "this member of money is required (int, in minor units)");
    } else {
      Type amount;
      amount.kind = TypeKind::integer;
      amount.constraints.min = type.constraints.min;
      amount.constraints.max = type.constraints.max;
      if (auto whole = check(*minor, amount, minor_place)) changed = given.with("minor", *whole);
    }
    if (currency == nullptr) {
      fault(currency_place, "this member of money is required (ISO 4217 code)");
    } else if (!is_currency(*currency)) {
      fault(currency_place,
            "expected an ISO 4217 code of three capital letters, got " + what_came(*currency));
    }
    for (const Value::MapEntry& entry : given.as_map()) {
      const std::string name = key_text(entry.key);
      if (name == "minor" || name == "currency") continue;
      fault(Place{&place, name}, "money has no member of this name; it is {minor, currency}");
    }
    return changed;
  }

  Changed check_enumeration(const Value& given, const Type& type, const Place& place) {
    if (!given.is_string()) return mismatch(given, type, place);
    const std::string& word = given.as_string();
    const auto& options = type.options;
    if (std::find(options.begin(), options.end(), word) != options.end()) return std::nullopt;
    std::string message = "expected ";
    if (options.size() <= k_max_named_options) {
      message += join_or(options);
    } else {
      message += "one of " + std::to_string(options.size()) + " options";
    }
    message += ", got string " + quoted(word);
    const auto meant = nearest(std::string_view(word).substr(0, k_max_quoted), options);
    if (meant) message += "; did you mean " + *meant + "?";
    fault(place, std::move(message));
    return std::nullopt;
  }

  Changed check_list(const Value& given, const Type& type, const Place& place) {
    if (!given.is_list()) return mismatch(given, type, place);
    const Value::List& items = given.as_list();
    check_length(items.size(), "elements", type, place);
    std::optional<Value::List> changed;
    for (std::size_t i = 0; i < items.size() && !full(); ++i) {
      auto item = check(items[i], *type.element, Place{&place, {}, i, true});
      if (!item) continue;
      if (!changed) changed = items;
      (*changed)[i] = std::move(*item);
    }
    if (!changed) return std::nullopt;
    return Value::list(std::move(*changed));
  }

  Changed check_map(const Value& given, const Type& type, const Place& place) {
    if (!given.is_map()) return mismatch(given, type, place);
    const Value::Map& entries = given.as_map();
    check_length(entries.size(), "entries", type, place);
    std::optional<Value::Map> changed;
    for (std::size_t i = 0; i < entries.size() && !full(); ++i) {
      const std::string name = key_text(entries[i].key);
      const Place inner{&place, name};
      auto key = check_key(entries[i].key, type, inner);
      auto value = check(entries[i].value, *type.element, inner);
      if (!key && !value) continue;
      if (!changed) changed = entries;
      if (key) (*changed)[i].key = std::move(*key);
      if (value) (*changed)[i].value = std::move(*value);
    }
    if (!changed) return std::nullopt;
    return Value::map(std::move(*changed));
  }

  // Keys that JSON turned into text come back as what the type says.
  Changed check_key(const Value& key, const Type& type, const Place& place) {
    if (type.key == nullptr || type.key->kind == TypeKind::dyn) return std::nullopt;
    if (!key.is_string() || type.key->kind == TypeKind::string) return check(key, *type.key, place);
    const auto scalar = parse_json(key.as_string());
    if (!scalar) return mismatch(key, *type.key, place);
    auto changed = check(*scalar, *type.key, place);
    return changed ? changed : Changed(*scalar);
  }

  Changed check_object(const Value& given, const Type& type, const Place& place) {
    if (!given.is_map()) return mismatch(given, type, place);
    const Value::Map& entries = given.as_map();
    Value::Map kept;
    kept.reserve(std::max(entries.size(), type.fields.size()));
    bool changed = false;
    std::vector<std::string> strangers;
    for (const Value::MapEntry& entry : entries) {
      if (full()) return std::nullopt;
      const Field* field =
          entry.key.is_string() ? find_field(type, entry.key.as_string()) : nullptr;
      if (field == nullptr) {
        changed = true;
        if (strangers.size() < k_max_faults) strangers.push_back(key_text(entry.key));
        continue;
      }
      if (field->type->kind == TypeKind::optional && is_absent(entry.value)) {
        changed = true;
        continue;
      }
      auto value = check(entry.value, *field->type, Place{&place, field->name});
      changed = changed || value.has_value();
      kept.push_back({entry.key, value ? std::move(*value) : entry.value});
    }
    changed = add_missing(given, type, place, strangers, kept) || changed;
    if (unknown_ == Unknown::refuse) refuse_strangers(type, strangers, place);
    if (!changed) return std::nullopt;
    return Value::map(std::move(kept));
  }

  // Defaults of the fields that didn't come; faults for those that had to.
  bool add_missing(const Value& given,
                   const Type& type,
                   const Place& place,
                   const std::vector<std::string>& strangers,
                   Value::Map& kept) {
    bool added = false;
    for (const Field& field : type.fields) {
      if (given.find(field.name) != nullptr) continue;
      if (field.default_value) {
        kept.push_back({Value::string(field.name), *field.default_value});
        added = true;
      } else if (!field.has_default && field.type->kind != TypeKind::optional) {
        std::string message = "this field is required (" + to_string(*field.type) + ")";
        if (const auto meant = nearest(field.name, strangers)) {
          message += "; did you mean it by " + quoted(*meant) + "?";
        }
        fault(Place{&place, field.name}, std::move(message));
      }
    }
    return added;
  }

  void refuse_strangers(const Type& type,
                        const std::vector<std::string>& strangers,
                        const Place& place) {
    if (strangers.empty()) return;
    std::vector<std::string> names;
    for (const Field& field : type.fields) names.push_back(field.name);
    for (const std::string& name : strangers) {
      std::string message = "unknown field";
      if (const auto meant = nearest(name, names)) message += "; did you mean " + *meant + "?";
      fault(Place{&place, name}, std::move(message));
    }
  }

  void check_bounds(const Value& number, const Type& type, const Place& place) {
    const Constraints& rules = type.constraints;
    // compare() is exact across int and double; a NaN fits no bound.
    if (rules.min && compare(number, Value::real(*rules.min)).value_or(-1) < 0) {
      fault(place, "expected at least " + number_text(*rules.min) + ", got " + to_json(number));
    }
    if (rules.max && compare(number, Value::real(*rules.max)).value_or(1) > 0) {
      fault(place, "expected at most " + number_text(*rules.max) + ", got " + to_json(number));
    }
  }

  void check_length(std::size_t length, const char* unit, const Type& type, const Place& place) {
    const Constraints& rules = type.constraints;
    if (rules.min_length && length < *rules.min_length) {
      fault(place,
            "expected at least " + std::to_string(*rules.min_length) + " " + unit + ", got " +
                std::to_string(length));
    }
    if (rules.max_length && length > *rules.max_length) {
      fault(place,
            "expected at most " + std::to_string(*rules.max_length) + " " + unit + ", got " +
                std::to_string(length));
    }
  }

  Changed mismatch(const Value& given, const Type& type, const Place& place) {
    const bool hidden = type.kind == TypeKind::secret;
    fault(place,
          "expected " + what_was_wanted(type) + ", got " +
              (hidden ? to_string(given.kind()) : what_came(given)));
    return std::nullopt;
  }

  static std::string key_text(const Value& key) {
    return key.is_string() ? key.as_string() : to_json(key);
  }

  bool full() const { return faults_.size() >= k_max_faults; }
  void fault(const Place& place, std::string message) {
    if (!full()) faults_.push_back({pointer_to(&place), std::move(message)});
  }

  const Unknown unknown_;
  std::vector<Fault> faults_;
  std::size_t depth_ = 0;
};

}  // namespace

tl::expected<Value, std::vector<Fault>> validate(const Value& value,
                                                 const Type& type,
                                                 Unknown unknown) {
  Checker checker(unknown);
  auto changed = checker.check(value, type, Place{});
  if (!checker.clean()) return tl::unexpected(checker.take_faults());
  return changed ? std::move(*changed) : value;
}

std::string describe(const std::vector<Fault>& faults) {
  std::string text;
  for (const Fault& fault : faults) {
    if (!text.empty()) text += "; ";
    if (!fault.pointer.empty()) text += fault.pointer + ": ";
    text += fault.message;
  }
  // Member names come from outside and must not start a line of their own in a log.
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return text;
}

}  // namespace vozex::types

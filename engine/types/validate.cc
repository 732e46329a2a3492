// SPDX-License-Identifier: Apache-2.0
#include "engine/types/validate.h"

#include <algorithm>

#include "engine/base/text.h"
#include "engine/types/json.h"
#include "engine/types/validator.h"

namespace vozex::types {
namespace {

constexpr std::size_t k_max_depth = 100;

}  // namespace

bool is_absent(const Value& value) {
  return value.is_null() || (value.kind() == Kind::optional && value.as_optional() == nullptr);
}

Changed Validator::check(const Value& given, const Type& type, const Place& place) {
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

Changed Validator::check_present(const Value& given, const Type& type, const Place& place) {
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

Changed Validator::check_list(const Value& given, const Type& type, const Place& place) {
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

Changed Validator::check_map(const Value& given, const Type& type, const Place& place) {
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

Changed Validator::check_key(const Value& key, const Type& type, const Place& place) {
  if (type.key == nullptr || type.key->kind == TypeKind::dyn) return std::nullopt;
  if (!key.is_string() || type.key->kind == TypeKind::string) return check(key, *type.key, place);
  const auto scalar = parse_json(key.as_string());
  if (!scalar) return mismatch(key, *type.key, place);
  auto changed = check(*scalar, *type.key, place);
  return changed ? changed : Changed(*scalar);
}

Changed Validator::check_object(const Value& given, const Type& type, const Place& place) {
  if (!given.is_map()) return mismatch(given, type, place);
  const Value::Map& entries = given.as_map();
  Value::Map kept;
  kept.reserve(std::max(entries.size(), type.fields.size()));
  bool changed = false;
  std::vector<std::string> strangers;
  for (const Value::MapEntry& entry : entries) {
    if (full()) return std::nullopt;
    const Field* field = entry.key.is_string() ? find_field(type, entry.key.as_string()) : nullptr;
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
    kept.push_back({entry.key, std::move(value).value_or(entry.value)});
  }
  changed = add_missing(given, type, place, strangers, kept) || changed;
  if (unknown_ == Unknown::refuse) refuse_strangers(type, strangers, place);
  if (!changed) return std::nullopt;
  return Value::map(std::move(kept));
}

bool Validator::add_missing(const Value& given,
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

void Validator::refuse_strangers(const Type& type,
                                 const std::vector<std::string>& strangers,
                                 const Place& place) {
  if (strangers.empty()) return;
  std::vector<std::string> names;
  names.reserve(type.fields.size());
  for (const Field& field : type.fields) names.push_back(field.name);
  for (const std::string& name : strangers) {
    std::string message = "unknown field";
    if (const auto meant = nearest(name, names)) message += "; did you mean " + *meant + "?";
    fault(Place{&place, name}, std::move(message));
  }
}

Changed Validator::mismatch(const Value& given, const Type& type, const Place& place) {
  const bool hidden = type.kind == TypeKind::secret;
  fault(place,
        "expected " + what_was_wanted(type) + ", got " +
            (hidden ? to_string(given.kind()) : what_came(given)));
  return std::nullopt;
}

std::string Validator::key_text(const Value& key) {
  return key.is_string() ? key.as_string() : to_json(key);
}

void Validator::fault(const Place& place, std::string message) {
  if (!full()) faults_.push_back({pointer_to(&place), std::move(message)});
}

tl::expected<Value, std::vector<Fault>> validate(const Value& value,
                                                 const Type& type,
                                                 Unknown unknown) {
  Validator checker(unknown);
  auto changed = checker.check(value, type, Place{});
  if (!checker.clean()) return tl::unexpected(checker.take_faults());
  return std::move(changed).value_or(value);
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

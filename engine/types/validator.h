// SPDX-License-Identifier: Apache-2.0
//
// The walk of validate.h over one payload. Its parts stand in validate.cc (lists, maps, objects)
// and validate_scalars.cc.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/types/validate.h"
#include "engine/types/validate_words.h"

namespace vozex::types {

// Each check returns the normalised value, or nothing when it is the given one: what fits as it
// stands is passed on by reference and costs no allocation. After a fault the return value means
// nothing.
using Changed = std::optional<Value>;

bool is_absent(const Value& value);

class Validator {
 public:
  explicit Validator(Unknown unknown) : unknown_(unknown) {}

  Changed check(const Value& given, const Type& type, const Place& place);
  std::vector<Fault> take_faults() { return std::move(faults_); }
  bool clean() const { return faults_.empty(); }

 private:
  Changed check_present(const Value& given, const Type& type, const Place& place);
  Changed same_kind(const Value& given, Kind kind, const Type& type, const Place& place);
  Changed check_integer(const Value& given, const Type& type, const Place& place);
  Changed check_uint(const Value& given, const Type& type, const Place& place);
  Changed check_real(const Value& given, const Type& type, const Place& place);
  Changed check_string(const Value& given, const Type& type, const Place& place);
  Changed check_bytes(const Value& given, const Type& type, const Place& place);
  Changed check_timestamp(const Value& given, const Type& type, const Place& place);
  Changed check_duration(const Value& given, const Type& type, const Place& place);
  // Strict: an amount with a member that nobody knows (a scale, say) may mean another amount.
  Changed check_money(const Value& given, const Type& type, const Place& place);
  Changed check_enumeration(const Value& given, const Type& type, const Place& place);
  Changed check_list(const Value& given, const Type& type, const Place& place);
  Changed check_map(const Value& given, const Type& type, const Place& place);
  // Keys that JSON turned into text come back as what the type says.
  Changed check_key(const Value& key, const Type& type, const Place& place);
  Changed check_object(const Value& given, const Type& type, const Place& place);
  // Defaults of the fields that didn't come; faults for those that had to.
  bool add_missing(const Value& given,
                   const Type& type,
                   const Place& place,
                   const std::vector<std::string>& strangers,
                   Value::Map& kept);
  void refuse_strangers(const Type& type,
                        const std::vector<std::string>& strangers,
                        const Place& place);
  void check_bounds(const Value& number, const Type& type, const Place& place);
  void check_length(std::size_t length, const char* unit, const Type& type, const Place& place);
  Changed mismatch(const Value& given, const Type& type, const Place& place);
  static std::string key_text(const Value& key);
  bool full() const { return faults_.size() >= k_max_faults; }
  void fault(const Place& place, std::string message);

  const Unknown unknown_;
  std::vector<Fault> faults_;
  std::size_t depth_ = 0;
};

}  // namespace vozex::types

// SPDX-License-Identifier: Apache-2.0
//
// `set:` — writing into data by path.
#include <algorithm>
#include <utility>

#include "engine/step/execute.h"
#include "engine/types/validate.h"

namespace vozex::stepping {
namespace {

using machine::Assignment;
using machine::PathStep;
using types::Kind;
using types::Type;
using types::TypeKind;

using Place = tl::expected<Value, expr::EvalError>;

// Values of fixed size and without constraints need no validation: the checker's work at compile
// time is confirmed by the kind alone.
bool fits_at_a_glance(const Value& value, const Type& type) {
  const types::Constraints& c = type.constraints;
  if (c.min || c.max || c.min_length || c.max_length || !c.pattern.empty() || !c.format.empty())
    return false;
  const Kind kind = value.kind();
  return (type.kind == TypeKind::integer && kind == Kind::integer) ||
         (type.kind == TypeKind::boolean && kind == Kind::boolean) ||
         (type.kind == TypeKind::string && kind == Kind::string) ||
         (type.kind == TypeKind::real && kind == Kind::real) ||
         (type.kind == TypeKind::timestamp && kind == Kind::timestamp) ||
         (type.kind == TypeKind::duration && kind == Kind::duration) || type.kind == TypeKind::dyn;
}

bool is_fixed_size(const Value& value) {
  return !value.is_string() && !value.is_list() && !value.is_map() && value.kind() != Kind::bytes;
}

// One place of a path, with its index evaluated against old data.
struct Key {
  const std::string* field = nullptr;
  Value index;
};

std::string path_text(const std::vector<Key>& path) {
  std::string text;
  for (const Key& key : path) {
    if (key.field != nullptr) {
      text += (text.empty() ? "" : ".") + *key.field;
    } else {
      text += "[" + text_of(key.index) + "]";
    }
  }
  return text;
}

// Writes one value (or removes what is there) into a copy of each container on the way to it.
class PathWriter {
 public:
  PathWriter(const std::vector<Key>& path, const Value& value, bool remove)
      : path_(path), value_(value), remove_(remove) {}

  Place write(const Value& container, std::size_t at = 0) {
    const Key& key = path_[at];
    if (key.field != nullptr || key.index.is_string()) {
      const std::string& name = key.field != nullptr ? *key.field : key.index.as_string();
      if (container.is_map()) return write_member(container, at, name);
    } else if (container.is_list()) {
      if (key.index.kind() == Kind::integer) {
        return write_element(container, at, key.index.as_integer());
      }
      if (key.index.kind() == Kind::uint && key.index.as_uint() < machine::k_max_data_bytes) {
        return write_element(container, at, static_cast<std::int64_t>(key.index.as_uint()));
      }
    }
    return failed("no_such_overload",
                  "can't set " + path_text(path_) + ": " + to_string(container.kind()) +
                      " has no such place");
  }
  // Members and items of the containers, however it ended.
  std::uint64_t copied() const { return copied_; }

 private:
  bool is_last(std::size_t at) const { return at + 1 == path_.size(); }

  Place write_member(const Value& map, std::size_t at, std::string_view name) {
    copied_ += map.as_map().size();
    if (is_last(at)) return remove_ ? map.without(name) : map.with(name, value_);
    const Value* inner = map.find(name);
    if (inner == nullptr) {
      return failed("no_such_key",
                    "nothing to set into: " + path_text(path_) + " has no " + std::string(name));
    }
    auto changed = write(*inner, at + 1);
    if (!changed) return changed;
    return map.with(name, *std::move(changed));
  }

  Place write_element(const Value& list, std::size_t at, std::int64_t index) {
    Value::List items = list.as_list();
    copied_ += items.size();
    if (index < 0 || static_cast<std::uint64_t>(index) >= items.size()) {
      return failed("out_of_range",
                    "index " + std::to_string(index) + " of " + path_text(path_) +
                        ": the list has " + std::to_string(items.size()) + " items");
    }
    Value& item = items[static_cast<std::size_t>(index)];
    if (!is_last(at)) {
      auto changed = write(item, at + 1);
      if (!changed) return changed;
      item = *std::move(changed);
    } else if (remove_) {
      items.erase(items.begin() + index);
    } else {
      item = value_;
    }
    return Value::list(std::move(items));
  }

  const std::vector<Key>& path_;
  const Value& value_;
  const bool remove_;
  std::uint64_t copied_ = 0;
};

struct Pending {
  std::vector<Key> path;  // of more than one step
  const std::string* field = nullptr;
  Value value;
  bool remove = false;
};

Executed prepare(Run& run, const Assignment& assignment, Pending& pending) {
  if (assignment.path.empty()) return failed("invalid_argument", "a place to set is missing");
  if (assignment.path.size() == 1) {
    pending.field = &assignment.path.front().field;
  } else {
    for (const PathStep& step : assignment.path) {
      Key key;
      if (step.index == nullptr) {
        key.field = &step.field;
      } else {
        auto index = value_of(run, step.index);
        if (!index) return tl::unexpected(index.error());
        key.index = *std::move(index);
      }
      pending.path.push_back(std::move(key));
    }
  }
  auto value = value_of(run, assignment.value);
  if (!value) return tl::unexpected(value.error());
  const Type* type = assignment.type.get();
  const bool whole_json =
      pending.field != nullptr && type != nullptr && type->kind == TypeKind::dyn;
  pending.remove = value->is_null() && !whole_json;
  if (pending.remove) {
    const bool removable =
        pending.field == nullptr || type == nullptr || type->kind == TypeKind::optional;
    if (!removable)
      return failed("type_mismatch",
                    "data." + *pending.field + " can't be removed: it isn't optional");
    return {};
  }
  auto fitting = conform(*std::move(value), type);
  if (!fitting) {
    const std::string place = pending.field != nullptr ? *pending.field : path_text(pending.path);
    return failed(fitting.error().code, "data." + place + ": " + fitting.error().message);
  }
  pending.value = *std::move(fitting);
  return {};
}

Executed apply(Run& run, Pending& pending) {
  if (!run.next.data.is_map()) return failed("no_such_overload", "this workflow declares no data");
  run.data_changed = true;
  if (pending.field == nullptr || !is_fixed_size(pending.value)) run.data_may_grow = true;
  if (pending.field != nullptr && !pending.remove &&
      run.draft.exchange_member(*pending.field, pending.value)) {
    return {};
  }
  Value& data = run.draft.data();
  if (pending.field != nullptr) {
    spend(run, data.as_map().size());
    data = pending.remove ? data.without(*pending.field) : data.with(*pending.field, pending.value);
    return {};
  }
  PathWriter writer(pending.path, pending.value, pending.remove);
  auto changed = writer.write(data);
  spend(run, writer.copied());
  if (!changed) return tl::unexpected(changed.error());
  data = *std::move(changed);
  return {};
}

bool only_fields(const std::vector<Pending>& all) {
  for (const Pending& pending : all) {
    if (pending.field == nullptr || pending.remove) return false;
  }
  return true;
}

// Whole members of data, written in place, or from the first for which that can't be with one copy.
void apply_fields(Run& run, std::vector<Pending>& all) {
  run.data_changed = true;
  for (const Pending& pending : all) {
    if (!is_fixed_size(pending.value)) run.data_may_grow = true;
  }
  std::size_t done = 0;
  while (done < all.size() && run.draft.exchange_member(*all[done].field, all[done].value)) ++done;
  if (done == all.size()) return;
  Value& data = run.draft.data();
  spend(run, data.as_map().size());
  Value::Map members = data.as_map();
  for (; done < all.size(); ++done) {
    Pending& pending = all[done];
    const auto named = [&](const Value::MapEntry& member) {
      return member.key.is_string() && member.key.as_string() == *pending.field;
    };
    const auto found = std::find_if(members.begin(), members.end(), named);
    if (found != members.end()) {
      found->value = std::move(pending.value);
    } else {
      members.push_back({Value::string(*pending.field), std::move(pending.value)});
    }
  }
  data = Value::map(std::move(members));
}

}  // namespace

tl::expected<Value, expr::EvalError> conform(Value value, const Type* type) {
  if (type == nullptr) return value;
  if (type->kind == TypeKind::optional && type->element != nullptr) {
    if (value.is_null()) return value;
    return conform(std::move(value), type->element.get());
  }
  if (fits_at_a_glance(value, *type)) return value;
  auto valid = types::validate(value, *type);
  if (!valid) return failed("type_mismatch", types::describe(valid.error()));
  return *std::move(valid);
}

Executed assign(Run& run, const std::vector<Assignment>& assignments) {
  if (assignments.size() == 1) {
    Pending pending;
    Executed prepared = prepare(run, assignments.front(), pending);
    return prepared ? apply(run, pending) : prepared;
  }
  std::vector<Pending> all;
  all.reserve(assignments.size());
  for (const Assignment& assignment : assignments) {
    Executed prepared = prepare(run, assignment, all.emplace_back());
    if (!prepared) return prepared;
  }
  if (only_fields(all) && run.next.data.is_map()) {
    apply_fields(run, all);
    return {};
  }
  for (Pending& pending : all) {
    Executed done = apply(run, pending);
    if (!done) return done;
  }
  return {};
}

}  // namespace vozex::stepping

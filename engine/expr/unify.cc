// SPDX-License-Identifier: Apache-2.0
#include "engine/expr/unify.h"

#include <algorithm>

namespace vozex::expr {

using Kind = Ty::Kind;

namespace {

bool is_any(const Ty* type) { return type->kind == Kind::dyn || type->kind == Kind::error; }

bool has_members(const Ty* type) {
  return type->kind == Kind::object || type->kind == Kind::money || type->kind == Kind::map;
}

}  // namespace

bool less_specific(const Ty* a, const Ty* b) {
  if (is_any(a) || a->kind == Kind::param) return true;
  if (is_any(b) || b->kind == Kind::param) return false;
  if (a->kind == Kind::string && b->kind == Kind::enumeration) return true;
  if ((a->kind == Kind::object || a->kind == Kind::money) && b->kind == Kind::map) return true;
  if (a->kind != b->kind || a->name != b->name || a->parts.size() != b->parts.size()) return false;
  if (a->parts.empty()) return same(*a, *b);
  if (a->shape.empty() != b->shape.empty()) return a->shape.empty();
  return std::equal(a->parts.begin(), a->parts.end(), b->parts.begin(), less_specific);
}

bool Unifier::assignable(const std::vector<const Ty*>& given,
                         const std::vector<const Ty*>& wanted) {
  const Bindings before = bindings_;
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (fits(given[i], wanted[i])) continue;
    bindings_ = before;
    return false;
  }
  return true;
}

bool Unifier::assignable(const Ty* given, const Ty* wanted) {
  return assignable(std::vector{given}, std::vector{wanted});
}

const Ty* Unifier::bound(const std::string& name) const {
  const auto found = std::find_if(
      bindings_.begin(), bindings_.end(), [&](const auto& b) { return b.first == name; });
  return found == bindings_.end() ? nullptr : found->second;
}

bool Unifier::mentions(const Ty* type, const std::string& param) const {
  if (type->kind == Kind::param) {
    if (type->name == param) return true;
    const Ty* inner = bound(type->name);
    return inner != nullptr && mentions(inner, param);
  }
  return std::any_of(type->parts.begin(), type->parts.end(), [&](const Ty* part) {
    return mentions(part, param);
  });
}

// Binds `param` to `type`, or widens what it is bound to. `had_one` tells that it was bound before.
bool Unifier::bind(const Ty* type, const Ty* param, bool& had_one) {
  had_one = false;
  if (same(*type, *param)) {
    had_one = true;
    return true;
  }
  const Ty* known = bound(param->name);
  if (known == nullptr) {
    if (mentions(type, param->name)) return false;
    bindings_.emplace_back(param->name, type);
    return true;
  }
  had_one = true;
  if (same(*type, *known)) return true;
  if (!fits(type, known)) return false;
  const Ty* wider = less_specific(type, known) ? type : known;
  if (type->kind == Kind::enumeration && known->kind == Kind::enumeration)
    wider = simple_ty(Kind::string);
  if (holds_secret(*type) != holds_secret(*known)) wider = simple_ty(Kind::secret);
  if (!mentions(wider, param->name)) {
    for (auto& [name, value] : bindings_) {
      if (name == param->name) value = wider;
    }
  }
  return true;
}

bool Unifier::fits_null(const Ty* other) const {
  return other->kind == Kind::null || other->kind == Kind::optional ||
         other->kind == Kind::opaque || other->kind == Kind::object || other->kind == Kind::money ||
         other->kind == Kind::timestamp || other->kind == Kind::duration;
}

bool Unifier::fits(const Ty* a, const Ty* b) {
  if (b->kind == Kind::param) {
    bool had_one = false;
    if (bind(a, b, had_one)) return true;
    if (had_one) return false;
  }
  if (a->kind == Kind::param) {
    bool had_one = false;
    return bind(b, a, had_one);
  }
  if (is_any(a) || is_any(b)) return true;
  if (a->kind == Kind::null) return fits_null(b);
  if (b->kind == Kind::null) return fits_null(a);
  const auto is_text = [](const Ty* t) {
    return t->kind == Kind::string || t->kind == Kind::enumeration;
  };
  if (is_text(a) && is_text(b)) return true;
  if (a->kind == Kind::money || b->kind == Kind::money)
    return fits_money(a->kind == Kind::money ? b : a);
  if (a->kind == Kind::object && has_members(b)) return fits_object(a, b);
  if (b->kind == Kind::object && has_members(a)) return fits_object(b, a);
  if (a->kind != b->kind || a->name != b->name || a->parts.size() != b->parts.size()) return false;
  for (std::size_t i = 0; i < a->parts.size(); ++i) {
    if (!fits(a->parts[i], b->parts[i])) return false;
  }
  return true;
}

bool Unifier::fits_money(const Ty* other) const {
  if (other->kind == Kind::money) return true;
  const auto is_amount = [](const std::string& name, const Ty& type) {
    return (name == "minor" && (type.kind == Kind::integer || is_any(&type))) ||
           (name == "currency" &&
            (type.kind == Kind::string || type.kind == Kind::enumeration || is_any(&type)));
  };
  if (other->kind == Kind::map && !other->shape.empty()) {
    return other->shape.size() == 2 &&
           std::all_of(other->shape.begin(), other->shape.end(), [&](const ShapeField& f) {
             return is_amount(f.name, *f.type);
           });
  }
  return other->kind == Kind::map && is_any(other->parts[1]);
}

bool Unifier::fits_object(const Ty* object, const Ty* other) {
  if (other->kind == Kind::object) {
    return types::assignable(*object->declared, *other->declared) ||
           types::assignable(*other->declared, *object->declared);
  }
  if (!other->shape.empty()) return fits_shape(object, other);
  if (!fits(simple_ty(Kind::string), other->parts[0])) return false;
  if (other->parts[1]->kind == Kind::param) return fits(members_joined(object), other->parts[1]);
  return std::all_of(object->declared->fields.begin(),
                     object->declared->fields.end(),
                     [&](const types::Field& field) {
                       return fits_member(other->parts[1], arena_.from(field.type));
                     });
}

// A map literal for a declared object: nothing unknown, nothing that is needed missing.
bool Unifier::fits_shape(const Ty* object, const Ty* literal) {
  for (const ShapeField& member : literal->shape) {
    const Ty* declared = member_of(arena_, *object, member.name);
    if (declared == nullptr || !fits_member(member.type, declared)) return false;
  }
  return std::all_of(object->declared->fields.begin(),
                     object->declared->fields.end(),
                     [&](const types::Field& field) {
                       return field.has_default || field.type->kind == types::TypeKind::optional ||
                              member_of(arena_, *literal, field.name) != nullptr;
                     });
}

// What an object's member may be made from: the value of an optional also bare, an int for a
// double.
bool Unifier::fits_member(const Ty* given, const Ty* declared) {
  if (declared->kind == Kind::real && given->kind == Kind::integer) return true;
  if (declared->kind == Kind::optional) {
    if (given->kind == Kind::null) return true;
    return fits_member(given->kind == Kind::optional ? given->parts[0] : given, declared->parts[0]);
  }
  return fits(given, declared);
}

const Ty* Unifier::members_joined(const Ty* object) {
  const Ty* all = nullptr;
  for (const types::Field& field : object->declared->fields) {
    const Ty* type = arena_.from(field.type);
    all = all == nullptr ? type : join(all, type);
  }
  return all == nullptr ? simple_ty(Kind::dyn) : all;
}

const Ty* Unifier::join(const Ty* a, const Ty* b) {
  if (same(*a, *b)) return a;
  if (a->kind == Kind::enumeration && b->kind == Kind::enumeration) return simple_ty(Kind::string);
  if (a->kind == Kind::map && b->kind == Kind::map && !a->shape.empty() &&
      a->shape.size() == b->shape.size()) {
    std::vector<ShapeField> shape;
    for (const ShapeField& member : a->shape) {
      const Ty* other = member_of(arena_, *b, member.name);
      if (other == nullptr) break;
      shape.push_back({member.name, join(member.type, other)});
    }
    if (shape.size() == a->shape.size()) {
      return arena_.map(
          join(a->parts[0], b->parts[0]), join(a->parts[1], b->parts[1]), std::move(shape));
    }
  }
  if (holds_secret(*a) || holds_secret(*b)) return simple_ty(Kind::secret);
  if (a->kind == Kind::map && b->kind == Kind::map && (!a->shape.empty() || !b->shape.empty())) {
    return arena_.map(join(a->parts[0], b->parts[0]), join(a->parts[1], b->parts[1]));
  }
  if (!assignable(a, b)) return simple_ty(Kind::dyn);
  if (a->kind == Kind::null) return b;
  if (b->kind == Kind::null) return a;
  return less_specific(a, b) ? a : b;
}

const Ty* Unifier::substitute(const Ty* type, bool settle) {
  if (type->kind == Kind::param) {
    const Ty* known = bound(type->name);
    if (known != nullptr) return substitute(known, settle);
    return settle ? simple_ty(Kind::dyn) : type;
  }
  if (type->parts.empty()) return type;
  std::vector<const Ty*> parts;
  bool changed = false;
  for (const Ty* part : type->parts) {
    parts.push_back(substitute(part, settle));
    changed = changed || parts.back() != part;
  }
  std::vector<ShapeField> shape;
  for (const ShapeField& member : type->shape) {
    shape.push_back({member.name, substitute(member.type, settle)});
    changed = changed || shape.back().type != member.type;
  }
  if (!changed) return type;
  return type->kind == Kind::map ? arena_.map(parts[0], parts[1], std::move(shape))
                                 : arena_.with_parts(*type, std::move(parts));
}

std::vector<const Ty*> Unifier::instantiate(const std::vector<const Ty*>& types) {
  std::vector<std::pair<std::string, const Ty*>> fresh;
  const auto replace = [&](const auto& self, const Ty* type) -> const Ty* {
    if (type->kind == Kind::param) {
      for (const auto& [name, param] : fresh) {
        if (name == type->name) return param;
      }
      fresh.emplace_back(type->name, arena_.fresh_param());
      return fresh.back().second;
    }
    if (type->parts.empty()) return type;
    std::vector<const Ty*> parts;
    parts.reserve(type->parts.size());
    for (const Ty* part : type->parts) parts.push_back(self(self, part));
    return arena_.with_parts(*type, std::move(parts));
  };
  std::vector<const Ty*> out;
  out.reserve(types.size());
  for (const Ty* type : types) out.push_back(replace(replace, type));
  return out;
}

}  // namespace vozex::expr

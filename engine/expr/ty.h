// SPDX-License-Identifier: Apache-2.0
//
// Ty: the checker's view of a type. types::Type plus what only checking needs: type parameters,
// opaque types, and the known members of a map literal (its shape). Nodes live in a TyArena or are
// static; compared by structure.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/types/type.h"

namespace vozex::expr {

struct Ty;

struct ShapeField {
  std::string name;
  const Ty* type = nullptr;
};

struct Ty {
  enum class Kind : std::uint8_t {
    dyn,
    error,  // of what already failed: fits everything, reports no more
    null,
    boolean,
    integer,
    uint,
    real,
    string,
    bytes,
    timestamp,
    duration,
    money,
    secret,
    enumeration,
    list,      // parts: element
    map,       // parts: key, value; `shape` when it is a literal with known string keys
    object,    // `declared`
    optional,  // parts: element
    type,
    param,   // name
    opaque,  // name, parts
  };

  Kind kind = Kind::dyn;
  std::string name;
  std::vector<const Ty*> parts;
  std::vector<ShapeField> shape;
  types::TypeRef declared;  // object, enumeration
};

// A kind without parts.
const Ty* simple_ty(Ty::Kind kind);

class TyArena {
 public:
  const Ty* list(const Ty* element);
  const Ty* map(const Ty* key, const Ty* value, std::vector<ShapeField> shape = {});
  const Ty* optional(const Ty* element);
  const Ty* param(std::string name);
  const Ty* fresh_param();
  const Ty* opaque(std::string name, std::vector<const Ty*> parts);
  const Ty* from(const types::TypeRef& type);
  // `like` with other parts; a shape is lost.
  const Ty* with_parts(const Ty& like, std::vector<const Ty*> parts);

 private:
  const Ty* keep(Ty type);

  std::deque<Ty> all_;
  std::unordered_map<const types::Type*, const Ty*> seen_;
  std::uint32_t fresh_ = 0;
};

// Parameters that nothing decided become dyn.
types::TypeRef to_type(const Ty& type);

// For authors: "list<int>"; "json" for dyn.
std::string to_string(const Ty& type);
// As the conformance data writes it: "list(int)".
std::string spec_text(const Ty& type);

bool same(const Ty& a, const Ty& b);
bool holds_secret(const Ty& type);

// The type of a declared object's or a map literal's member; nullptr when there is none by that
// name.
const Ty* member_of(TyArena& arena, const Ty& type, std::string_view name);
std::vector<std::string> member_names(const Ty& type);

}  // namespace vozex::expr

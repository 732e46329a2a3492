// SPDX-License-Identifier: Apache-2.0
#include "engine/types/type.h"

#include <string>

#include <gtest/gtest.h>

#include "engine/types/notation.h"

namespace vozex::types {
namespace {

TypeRef named(std::string_view name) {
  const auto field = [](const char* member, TypeKind kind) {
    return Field{member, simple_type(kind), {}, false, ""};
  };
  if (name == "amount")
    return object_of({field("minor", TypeKind::integer), field("currency", TypeKind::string)});
  if (name == "wrong_amount")
    return object_of({field("minor", TypeKind::string), field("currency", TypeKind::string)});
  if (name == "short") return object_of({field("a", TypeKind::integer)});
  if (name == "long")
    return object_of({field("a", TypeKind::integer), field("b", TypeKind::string)});
  if (name == "eased") {
    return object_of({field("a", TypeKind::integer),
                      {"b", optional_of(simple_type(TypeKind::string)), {}, false, ""}});
  }
  if (name == "null") return simple_type(TypeKind::null);
  if (name == "unknown") return simple_type(TypeKind::nothing);
  return nullptr;
}

TypeRef type(std::string_view notation) { return parse_type(notation, named).value(); }

struct Case {
  const char* to;
  const char* from;
  bool fits;
};

TEST(Type, WhatMayStandWhereATypeIsWanted) {
  const Case k_cases[] = {
      {"int", "int", true},
      {"int", "double", false},
      {"double", "int", true},
      {"int", "string", false},
      {"json", "money", true},
      {"money", "json", true},
      {"int", "unknown", true},
      {"optional<int>", "int", true},
      {"optional<int>", "null", true},
      {"int", "optional<int>", false},
      {"optional<int>", "optional<string>", false},
      {"string", "enum(a|b)", true},
      {"enum(a|b)", "string", true},
      {"enum(a|b)", "enum(b|c)", true},
      {"enum(a|b)", "enum(c|d)", false},
      {"list<double>", "list<int>", true},
      {"list<int>", "list<string>", false},
      {"list<int>", "map<int>", false},
      {"money", "amount", true},
      {"money", "wrong_amount", false},
      {"money", "short", false},
      {"short", "long", true},
      {"long", "short", false},
      {"eased", "short", true},
      {"map<int>", "short", true},
      {"map<int>", "long", false},
      {"short", "map<int>", true},
      {"secret", "string", false},
      {"string", "secret", false},
  };
  for (const Case& c : k_cases) {
    EXPECT_EQ(assignable(*type(c.to), *type(c.from)), c.fits) << c.to << " <- " << c.from;
  }
}

TEST(Type, EqualityIsByStructure) {
  EXPECT_TRUE(equal(*type("map<list<int>>"), *type("map<list<int>>")));
  EXPECT_FALSE(equal(*type("list<int>"), *type("list<double>")));
  EXPECT_FALSE(equal(*type("enum(a|b)"), *type("enum(b|a)")));
  EXPECT_TRUE(equal(*type("short"), *type("short")));
  EXPECT_FALSE(equal(*type("short"), *type("long")));
  Type bounded = *type("int");
  bounded.constraints.min = 0;
  EXPECT_FALSE(equal(bounded, *type("int")));
}

TEST(Type, ReadsAsAnAuthorWouldWriteIt) {
  EXPECT_EQ(to_string(*type("long")), "{a: int, b: string}");
  EXPECT_EQ(to_string(*map_of(simple_type(TypeKind::integer), dyn_type())), "map<int, json>");
  EXPECT_EQ(to_string(*object_of({}, "order")), "order");
}

}  // namespace
}  // namespace vozex::types

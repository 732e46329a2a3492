// SPDX-License-Identifier: Apache-2.0
//
// What is said of a condition as a sum of products is true of each value: conditions are made at
// random over a few names, and evaluated for all values that can tell them apart.
#include "engine/expr/predicate.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>

namespace vozex::expr {
namespace {

using types::TypeKind;
using types::Value;

constexpr int k_lowest = -2;
constexpr int k_highest = 5;
const std::vector<std::string> k_kinds{"a", "b", "c"};

Scope scope() {
  return {{{"n", types::simple_type(TypeKind::integer), 0, ""},
           {"flag", types::simple_type(TypeKind::boolean), 1, ""},
           {"kind", types::enum_of(k_kinds), 2, ""},
           {"any", types::dyn_type(), 3, ""}}};
}

types::TypeRef type_of_name(std::string_view path) {
  for (const Variable& variable : scope().variables) {
    if (variable.name == path && variable.type->kind != TypeKind::dyn) return variable.type;
  }
  return nullptr;
}

class World : public Activation {
 public:
  World(int n, bool flag, const std::string& kind, Value any)
      : values_{Value::integer(n), Value::boolean(flag), Value::string(kind), std::move(any)} {}
  const Value* variable(Slot slot) const override { return &values_[slot]; }
  bool in_state(std::string_view) const override { return false; }

 private:
  std::array<Value, 4> values_;
};

std::vector<World> all_worlds() {
  std::vector<World> worlds;
  for (int n = k_lowest; n <= k_highest; ++n) {
    for (const bool flag : {false, true}) {
      for (const std::string& kind : k_kinds) {
        // `any` fails where it is compared as a number and is none.
        for (const Value& any : {Value::integer(n), Value::string(kind), Value(), Value::real(1.5)})
          worlds.emplace_back(n, flag, kind, any);
      }
    }
  }
  return worlds;
}

ProgramRef compiled(const std::string& text) {
  auto program = compile(text, scope());
  EXPECT_TRUE(program.has_value()) << text << ": " << program.error().front().message;
  return program ? *program : nullptr;
}

bool holds(const Program& program, const World& world) {
  const auto result = test(program, world);
  return result && *result;
}

rc::Gen<std::string> atom() {
  return rc::gen::exec([] {
    const std::string number = std::to_string(*rc::gen::inRange(k_lowest + 1, k_highest));
    const std::string op = *rc::gen::element<std::string>("<", "<=", ">", ">=", "==", "!=");
    const std::string kind = *rc::gen::elementOf(k_kinds);
    switch (*rc::gen::inRange(0, 8)) {
      case 0: return "n " + op + " " + number;
      case 1: return number + " " + op + " n";
      case 2: return std::string("flag");
      case 3: return "kind == '" + kind + "'";
      case 4: return "kind != '" + kind + "'";
      case 5: return "kind in ['a', '" + kind + "']";
      case 6: return "any " + op + " " + number;
      default: return "size(kind) " + op + " n";
    }
  });
}

rc::Gen<std::string> condition(int depth) {
  return rc::gen::exec([depth] {
    if (depth == 0) return *atom();
    const auto part = condition(depth - 1);
    switch (*rc::gen::inRange(0, 5)) {
      case 0: return "(" + *part + " && " + *part + ")";
      case 1: return "(" + *part + " || " + *part + ")";
      case 2: return "!(" + *part + ")";
      case 3: return "(" + *part + " ? " + *part + " : " + *part + ")";
      default: return *atom();
    }
  });
}

RC_GTEST_PROP(Predicate, IsRightAboutNeverAndAlways, ()) {
  const std::string text = *condition(3);
  const ProgramRef program = compiled(text);
  const auto predicate = predicate_of(*program, type_of_name);
  if (!predicate) return;
  for (const World& world : all_worlds()) {
    if (predicate->never()) RC_ASSERT(!holds(*program, world));
    if (predicate->always()) RC_ASSERT(holds(*program, world));
  }
}

RC_GTEST_PROP(Predicate, WhatCoversIsTrueWheneverTheCoveredIs, ()) {
  const std::string text = *condition(2);
  const auto before = *rc::gen::container<std::vector<std::string>>(3, condition(1));
  const ProgramRef covered = compiled(text);
  const auto predicate = predicate_of(*covered, type_of_name);
  if (!predicate || predicate->never()) return;
  std::vector<ProgramRef> programs;
  std::vector<Predicate> predicates;
  for (const std::string& one : before) {
    programs.push_back(compiled(one));
    const auto made = predicate_of(*programs.back(), type_of_name);
    if (!made) return;
    predicates.push_back(*made);
  }
  std::vector<const Predicate*> others;
  for (const Predicate& one : predicates) others.push_back(&one);
  for (const Product& product : predicate->products) {
    if (!covers(others, product, type_of_name)) return;
  }
  RC_TAG("covered");
  for (const World& world : all_worlds()) {
    if (!holds(*covered, world)) continue;
    bool any = false;
    for (const ProgramRef& program : programs) any = any || holds(*program, world);
    RC_ASSERT(any);
  }
}

std::optional<Predicate> predicate(const std::string& text) {
  return predicate_of(*compiled(text), type_of_name);
}

TEST(Predicate, KnowsWhatExcludesEachOther) {
  EXPECT_TRUE(predicate("n > 3 && n < 4")->never());
  EXPECT_TRUE(predicate("flag && !flag")->never());
  EXPECT_TRUE(predicate("any == 1 && any == 'x'")->never());
  EXPECT_TRUE(predicate("kind.startsWith('x') && !kind.startsWith('x')")->never());
  EXPECT_FALSE(predicate("any > 3 && any < 4")->never());
  EXPECT_TRUE(predicate("true")->always());
}

TEST(Predicate, IsNotMadeOfWhatIsTooLarge) {
  std::string text = "flag";
  for (const char* word : {"a", "b", "c", "d", "e"})
    text += std::string(" && (kind.startsWith('") + word + "') || kind.endsWith('" + word + "'))";
  EXPECT_FALSE(predicate(text).has_value());
  std::string nested = "flag";
  for (int i = 0; i < 60; ++i) nested = "(" + nested + " ? flag : n > 1)";
  predicate(nested);  // comes back
  std::string wide = "flag";
  for (int i = 0; i < 500; ++i) wide += " && kind.startsWith('" + std::to_string(i) + "')";
  EXPECT_FALSE(predicate(wide).has_value());
}

TEST(Domain, CountsWholeNumbers) {
  const Domain whole = *Domain::of(*types::simple_type(TypeKind::integer));
  const Domain above = Domain::above(Value::integer(5), false)->whole();
  const Domain below = Domain::below(Value::integer(6), false)->whole();
  EXPECT_TRUE((above & below).empty());
  EXPECT_TRUE(whole.within(above | below));
  EXPECT_FALSE(whole.within(*Domain::above(Value::integer(6), false) | below));
  EXPECT_TRUE(Domain::everything().complement().empty());
  EXPECT_EQ(above.complement().complement(), above);
}

TEST(Texts, OfChoicesAreKnown) {
  EXPECT_EQ(texts_of(*compiled("flag ? 'x' : n > 1 ? 'y' : 'z'")),
            (std::vector<std::string>{"x", "y", "z"}));
  EXPECT_FALSE(texts_of(*compiled("flag ? 'x' : kind")).has_value());
}

}  // namespace
}  // namespace vozex::expr

// SPDX-License-Identifier: Apache-2.0
#include "engine/types/value.h"

#include <cmath>
#include <limits>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/types/depth.h"
#include "engine/types/json.h"
#include "tests/unit/types/generators.h"

namespace vozex::types {
namespace {

constexpr double k_nan = std::numeric_limits<double>::quiet_NaN();

TEST(Value, DepthIsMeasuredNoFurtherThanAsked) {
  Value value = Value::integer(1);
  EXPECT_FALSE(is_deeper_than(value, 0));
  for (int i = 0; i < 6; ++i)
    value = i % 2 == 0 ? Value::list({value}) : Value::object({{"k", value}});
  value = Value::optional_of(value);
  EXPECT_TRUE(is_deeper_than(value, 6));
  EXPECT_FALSE(is_deeper_than(value, 7));
  EXPECT_FALSE(is_deeper_than(Value::optional_none(), 0));
  EXPECT_TRUE(is_deeper_than(Value::list({Value::integer(1), Value::list({})}), 1));
}

TEST(Value, IsSixteenBytes) { EXPECT_EQ(sizeof(Value), 16u); }

TEST(Value, CopiesShareAndMovesLeaveNull) {
  Value a = Value::string("x");
  Value b = a;
  EXPECT_EQ(&a.as_string(), &b.as_string());
  const Value c = std::move(a);
  EXPECT_TRUE(a.is_null());  // NOLINT(bugprone-use-after-move): that is what is promised
  EXPECT_EQ(&b.as_string(), &c.as_string());
}

TEST(Value, AssignmentOfItselfAndOfItsOwnPartIsSafe) {
  Value a = Value::list({Value::string("inner")});
  Value& alias = a;
  a = alias;
  EXPECT_EQ(to_json(a), "[\"inner\"]");
  a = std::move(alias);
  EXPECT_EQ(to_json(a), "[\"inner\"]");
  a = a.as_list()[0];
  EXPECT_EQ(to_json(a), "\"inner\"");
}

TEST(Value, NumbersCompareAcrossKinds) {
  EXPECT_EQ(Value::integer(1), Value::uint(1));
  EXPECT_EQ(Value::integer(1), Value::real(1));
  EXPECT_EQ(compare(Value::integer(-1), Value::uint(std::numeric_limits<std::uint64_t>::max())),
            -1);
  EXPECT_EQ(compare(Value::uint(0), Value::real(-0.5)), 1);
  EXPECT_EQ(compare(Value::integer(-1), Value::real(-1.5)), 1);
  // 2^53 + 1 and 2^63 - 1 have no double of their own.
  EXPECT_EQ(compare(Value::integer(9007199254740993), Value::real(9007199254740992.0)), 1);
  EXPECT_EQ(compare(Value::integer(std::numeric_limits<std::int64_t>::max()),
                    Value::real(9223372036854775808.0)),
            -1);
  EXPECT_EQ(compare(Value::uint(std::numeric_limits<std::uint64_t>::max()),
                    Value::real(18446744073709551616.0)),
            -1);
  EXPECT_EQ(compare(Value::integer(1), Value::string("1")), std::nullopt);
}

TEST(Value, NanIsNothingsEqualAndStillSorts) {
  EXPECT_EQ(compare(Value::real(k_nan), Value::integer(1)), std::nullopt);
  EXPECT_EQ(compare(Value::integer(1), Value::real(k_nan)), std::nullopt);
  EXPECT_FALSE(Value::real(k_nan) == Value::real(k_nan));
  const Value list = Value::list({Value::real(k_nan)});
  EXPECT_FALSE(list == list);
  const Value map = Value::map({{Value::real(k_nan), Value::integer(1)},
                                {Value::integer(2), Value::integer(2)},
                                {Value::integer(1), Value::integer(3)}});
  ASSERT_EQ(map.as_map().size(), 3u);
  EXPECT_EQ(*map.find(Value::integer(1)), Value::integer(3));
  EXPECT_EQ(*map.find(Value::integer(2)), Value::integer(2));
}

TEST(Value, OfEqualKeysTheLastCounts) {
  const auto entry = [](const char* key, std::int64_t value) {
    return Value::MapEntry{Value::string(key), Value::integer(value)};
  };
  EXPECT_EQ(to_json(Value::map({entry("b", 1), entry("a", 2), entry("b", 3), entry("a", 4)})),
            R"({"a":4,"b":3})");
  EXPECT_EQ(to_json(Value::map({entry("a", 1), entry("a", 2)})), R"({"a":2})");
  EXPECT_EQ(
      Value::map(
          {{Value::integer(1), Value()}, {Value::uint(1), Value()}, {Value::real(1), Value()}})
          .as_map()
          .size(),
      1u);
}

TEST(Value, MembersAreFoundByAnyKindOfKey) {
  const Value map = Value::map({{Value::string("a"), Value::integer(1)},
                                {Value::integer(7), Value::integer(2)},
                                {Value::boolean(true), Value::integer(3)}});
  EXPECT_EQ(*map.find("a"), Value::integer(1));
  EXPECT_EQ(*map.find(Value::uint(7)), Value::integer(2));
  EXPECT_EQ(*map.find(Value::real(7)), Value::integer(2));
  EXPECT_EQ(*map.find(Value::boolean(true)), Value::integer(3));
  EXPECT_EQ(map.find("b"), nullptr);
  EXPECT_EQ(map.find(Value::boolean(false)), nullptr);
  EXPECT_EQ(Value::integer(1).find("a"), nullptr);
  EXPECT_EQ(map.text_at("a"), "");
}

TEST(Value, SettingAndRemovingMakeNewMaps) {
  const Value map = Value::object({{"b", Value::integer(1)}});
  EXPECT_EQ(to_json(map.with("a", Value()).with("c", Value()).with("b", Value::integer(2))),
            R"({"a":null,"b":2,"c":null})");
  EXPECT_EQ(to_json(map.without("b")), "{}");
  EXPECT_EQ(to_json(map.without("x")), R"({"b":1})");
  EXPECT_EQ(to_json(map), R"({"b":1})");
  const Value mixed = Value::map({{Value::integer(1), Value()}}).with("a", Value());
  EXPECT_EQ(to_json(mixed), R"({"1":null,"a":null})");
}

TEST(Value, Optionals) {
  EXPECT_EQ(Value::optional_none().as_optional(), nullptr);
  EXPECT_EQ(*Value::optional_of(Value::integer(1)).as_optional(), Value::integer(1));
  EXPECT_EQ(Value::optional_none(), Value::optional_none());
  EXPECT_FALSE(Value::optional_none() == Value::optional_of(Value()));
}

TEST(Value, TimesToTheEdges) {
  using namespace std::chrono_literals;
  const Timestamp at{-1us};
  EXPECT_EQ(Value::timestamp(at).as_timestamp(), (SecondsNanos{-1, 999'999'000}));
  EXPECT_EQ(Value::timestamp(at).to_timestamp(), at);
  EXPECT_EQ(Value::duration(Duration::min()).to_duration(), Duration::min());
  EXPECT_EQ(Value::duration(Duration::max()).to_duration(), Duration::max());
  EXPECT_EQ(Value::duration(-1500ms).as_duration(), (SecondsNanos{-1, -500'000'000}));
  const auto most = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(Value::duration(SecondsNanos{most, 0}).to_duration(), Duration::max());
  EXPECT_EQ(Value::duration(SecondsNanos{-most, 0}).to_duration(), Duration::min());
}

TEST(Value, AWrongKindAborts) {
  EXPECT_DEATH(Value::integer(1).as_string(), "this must be true and is not");
  EXPECT_DEATH(Value().without("a"), "this must be true and is not");
}

TEST(Value, DeepNestingIsDestroyedWithoutRecursion) {
  Value deep;
  for (int i = 0; i < 1'000'000; ++i) {
    if (i % 3 == 0) deep = Value::list({Value::string("side"), std::move(deep)});
    if (i % 3 == 1) deep = Value::object({{"k", deep}});
    if (i % 3 == 2) deep = Value::optional_of(std::move(deep));
  }
  const Value shared = deep;
  deep = Value();
  EXPECT_EQ(shared.kind(), Kind::list);
}

TEST(Value, ManyThreadsMayHoldOneValue) {
  const Value shared = Value::list({Value::string("a"), Value::object({{"k", Value::integer(1)}})});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([copy = shared] {
      for (int i = 0; i < 10'000; ++i) {
        const Value::List many(8, copy);
        EXPECT_EQ(many[3].as_list().size(), 2u);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(to_json(shared), R"(["a",{"k":1}])");
}

TEST(Value, AMemberIsExchangedInPlaceOnlyWhenNobodyElseHoldsTheMap) {
  Value alone = Value::object({{"a", Value::integer(1)}, {"b", Value::integer(2)}});
  Value value = Value::string("x");
  ASSERT_TRUE(alone.exchange("b", value));
  EXPECT_EQ(value, Value::integer(2));
  EXPECT_EQ(to_json(alone), R"({"a":1,"b":"x"})");
  EXPECT_FALSE(alone.exchange("c", value)) << "no such member";
  {
    const Value other = alone;
    EXPECT_FALSE(alone.exchange("b", value)) << "another holder";
    EXPECT_EQ(to_json(other), R"({"a":1,"b":"x"})");
  }
  EXPECT_TRUE(alone.exchange("b", value)) << "the other is gone";
  Value list = Value::list({});
  EXPECT_FALSE(list.exchange("b", value));
}

RC_GTEST_PROP(ValueProperty, AMemberIsFoundInMapsOfAnySize, ()) {
  const auto names = *rc::gen::container<std::vector<std::string>>(utf8_text());
  Value::Map entries{{Value::integer(1), Value()}, {Value::boolean(true), Value()}};
  for (const std::string& name : names)
    entries.push_back({Value::string(name), Value::string(name)});
  Value map = Value::map(std::move(entries));
  for (const std::string& name : names) {
    RC_ASSERT(map.find(name) != nullptr);
    RC_ASSERT(map.find(name)->as_string() == name);
    Value old = Value::integer(7);
    RC_ASSERT(map.exchange(name, old));
    RC_ASSERT(old.as_string() == name);
    RC_ASSERT(map.exchange(name, old));
  }
  RC_ASSERT(map.find("\x01 no such name") == nullptr);
}

TEST(Value, WeightGrowsWithContent) {
  EXPECT_EQ(weight(Value()), sizeof(Value));
  EXPECT_GE(weight(Value::string(std::string(100, 'x'))), 100 + sizeof(Value));
  EXPECT_GT(weight(Value::list({Value(), Value()})), 2 * sizeof(Value));
}

RC_GTEST_PROP(ValueProperty, KeyOrderIsTotal, ()) {
  const auto key = rc::gen::oneOf(
      json_scalar(), rc::gen::just(Value::real(k_nan)), rc::gen::just(Value::uint(~0ull)));
  const Value a = *key;
  const Value b = *key;
  const Value c = *key;
  RC_ASSERT(compare_keys(a, b) == -compare_keys(b, a));
  if (compare_keys(a, b) <= 0 && compare_keys(b, c) <= 0) RC_ASSERT(compare_keys(a, c) <= 0);
}

RC_GTEST_PROP(ValueProperty, WithIsLikeAddingAndSorting, ()) {
  const auto names = *rc::gen::container<std::vector<std::string>>(utf8_text());
  Value one = Value::map({});
  Value::Map all;
  for (std::size_t i = 0; i < names.size(); ++i) {
    one = one.with(names[i], Value::integer(static_cast<std::int64_t>(i)));
    all.push_back({Value::string(names[i]), Value::integer(static_cast<std::int64_t>(i))});
  }
  RC_ASSERT(one == Value::map(all));
  for (const std::string& name : names) RC_ASSERT(one.without(name).find(name) == nullptr);
}

}  // namespace
}  // namespace vozex::types

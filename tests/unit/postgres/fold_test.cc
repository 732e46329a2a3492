// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/fold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vozex::postgres {
namespace {

using ports::BindingKey;
using ports::BindingOp;
using ports::BindingWrite;

InstanceId id(std::uint8_t number) {
  InstanceId id;
  id.bytes[15] = number;
  return id;
}

const BindingKey k_key{"t", "order", "k"};
const BindingKey k_alias{"t", "order#pay", "k"};

struct Case {
  const char* name;
  std::vector<BindingWrite> writes;
  // op, holder's number, live, giver's number
  std::vector<std::tuple<FoldedOp, int, bool, int>> folded;
  bool taken = false;
};

BindingWrite taking(std::uint8_t who, bool reusable = false) {
  return {BindingOp::take_key, k_key, {0, id(who)}, reusable};
}
BindingWrite key(BindingOp op, std::uint8_t who) { return {op, k_key, {0, id(who)}, false}; }
BindingWrite alias(BindingOp op, std::uint8_t who) { return {op, k_alias, {0, id(who)}, false}; }

TEST(Fold, SaysHowItShallBeInTheEnd) {
  using enum FoldedOp;
  const Case cases[] = {
      {"a start", {taking(1)}, {{FoldedOp::take, 1, true, 0}}},
      {"a reusable key", {taking(1, true)}, {{take_reusable, 1, true, 0}}},
      {"an order that ends at once",
       {taking(1), key(BindingOp::end, 1)},
       {{FoldedOp::take, 1, false, 0}}},
      {"taken and released", {taking(1), key(BindingOp::release, 1)}, {{look, 0, false, 0}}},
      {"an end", {key(BindingOp::end, 1)}, {{end_key, 1, false, 0}}},
      {"a release", {key(BindingOp::release, 1)}, {{release_key, 1, false, 0}}},
      {"an end, then a release",
       {key(BindingOp::end, 1), key(BindingOp::release, 1)},
       {{release_key, 1, false, 0}}},
      {"a successor of one that released",
       {key(BindingOp::release, 1), taking(2)},
       {{release_key, 1, false, 0}, {FoldedOp::take, 2, true, 1}}},
      {"a successor of one that ended",
       {key(BindingOp::end, 1), taking(2, true)},
       {{end_key, 1, false, 0}, {take_reusable, 2, true, 1}}},
      {"an ended key is not free unless reusable",
       {key(BindingOp::end, 1), taking(2)},
       {{end_key, 1, false, 0}, {FoldedOp::take, 2, true, 0}}},
      {"two takes", {taking(1), taking(2)}, {{FoldedOp::take, 1, true, 0}}, true},
      {"taken, given up, taken",
       {taking(1, true), key(BindingOp::end, 1), taking(2, true)},
       {{take_reusable, 2, true, 0}}},
      {"two aliases",
       {alias(BindingOp::add_alias, 1), alias(BindingOp::add_alias, 2)},
       {{add_alias, 1, true, 0}, {add_alias, 2, true, 0}}},
      {"an alias that ends at once",
       {alias(BindingOp::add_alias, 1), alias(BindingOp::end, 1)},
       {{add_alias, 1, false, 0}}},
      {"an alias that ends", {alias(BindingOp::end, 1)}, {{end_alias, 1, false, 0}}},
      {"an alias that goes",
       {alias(BindingOp::add_alias, 1), alias(BindingOp::release, 1)},
       {{release_alias, 1, true, 0}}},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);
    ports::Group group;
    group.bindings = one.writes;
    const FoldedGroup folded = fold(group);
    EXPECT_EQ(folded.taken.has_value(), one.taken);
    ASSERT_EQ(folded.bindings.size(), one.folded.size());
    for (std::size_t i = 0; i < one.folded.size(); ++i) {
      const auto& [op, holder, live, giver] = one.folded[i];
      EXPECT_EQ(folded.bindings[i].op, op);
      EXPECT_EQ(folded.bindings[i].holder.id.bytes[15], holder);
      EXPECT_EQ(folded.bindings[i].live, live);
      EXPECT_EQ(folded.bindings[i].gives.bytes[15], giver);
    }
  }
}

TEST(Fold, AnEventWaitsOnceOnEachKey) {
  ports::Group group;
  group.parks.push_back({MarkId{{7}}, {k_key, k_alias, k_key}, "{}", {}});
  const auto folded = fold(group).bindings;
  ASSERT_EQ(folded.size(), 2u);
  EXPECT_EQ(folded[0].op, FoldedOp::wait);
  EXPECT_EQ(folded[0].binding, k_key);
  EXPECT_EQ(folded[1].binding, k_alias);
  EXPECT_EQ(folded[1].mark, MarkId{{7}});
}

}  // namespace
}  // namespace vozex::postgres

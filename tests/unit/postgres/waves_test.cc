// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/waves.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vozex::postgres {
namespace {

using ports::BindingOp;
using ports::Group;
using testing::ElementsAre;
using testing::IsEmpty;

InstanceId id(std::uint8_t number) { return InstanceId{{number}}; }

Group on_instance(std::uint8_t number) {
  Group group;
  group.instances.emplace_back();
  group.instances.back().row.id = id(number);
  return group;
}

Group on_binding(BindingOp op, const char* slot, std::uint8_t holder) {
  Group group;
  group.bindings.push_back({op, {"t", slot, "k"}, {0, id(holder)}, false});
  return group;
}

Group waits(std::uint8_t mark, const char* slot) {
  Group group;
  group.parks.push_back({MarkId{{mark}}, {{"t", slot, "k"}}, "{}", {}});
  return group;
}

TEST(Waves, GroupsOfTheirOwnShareOne) {
  EXPECT_THAT(waves_of({on_instance(1), on_instance(2), on_instance(3)}),
              ElementsAre(ElementsAre(0, 1, 2)));
}

TEST(Waves, GroupsOnOneRowFollowEachOther) {
  EXPECT_THAT(waves_of({on_instance(1), on_instance(1), on_instance(2), on_instance(1)}),
              ElementsAre(ElementsAre(0, 2), ElementsAre(1), ElementsAre(3)));
}

Group with_call(std::uint32_t seq, std::uint16_t index) {
  Group group;
  group.calls.emplace_back();
  group.calls.back().row.id = {id(1), seq, index};
  return group;
}

Group with_history(std::uint32_t seq) {
  Group group;
  group.history.emplace_back();
  group.history.back().id = id(1);
  group.history.back().seq = seq;
  return group;
}

TEST(Waves, RowsOfOneInstanceAreDifferentRows) {
  EXPECT_THAT(waves_of({on_instance(1),
                        with_history(1),
                        with_history(2),
                        with_call(1, 0),
                        with_call(1, 1),
                        with_call(2, 0)}),
              ElementsAre(ElementsAre(0, 1, 2, 3, 4, 5)));
  EXPECT_THAT(waves_of({with_call(1, 1), with_call(1, 1)}),
              ElementsAre(ElementsAre(0), ElementsAre(1)));
  EXPECT_THAT(waves_of({with_history(3), with_history(3)}),
              ElementsAre(ElementsAre(0), ElementsAre(1)));
}

TEST(Waves, AGroupWithoutWritesIsInNone) {
  EXPECT_THAT(waves_of({Group{}, on_instance(1)}), ElementsAre(ElementsAre(1)));
  EXPECT_THAT(waves_of({}), IsEmpty());
}

TEST(Waves, WhatAddsUpSharesOne) {
  EXPECT_THAT(waves_of({waits(1, "o"), waits(2, "o")}), ElementsAre(ElementsAre(0, 1)));
  EXPECT_THAT(waves_of({on_binding(BindingOp::add_alias, "o#a", 1),
                        on_binding(BindingOp::add_alias, "o#a", 2)}),
              ElementsAre(ElementsAre(0, 1)));
  EXPECT_THAT(
      waves_of({on_binding(BindingOp::end, "o#a", 1), on_binding(BindingOp::release, "o#a", 2)}),
      ElementsAre(ElementsAre(0, 1)));
}

TEST(Waves, WhatDependsOnOrderDoesNot) {
  EXPECT_THAT(
      waves_of({on_binding(BindingOp::take_key, "o", 1), on_binding(BindingOp::take_key, "o", 2)}),
      ElementsAre(ElementsAre(0), ElementsAre(1)));
  EXPECT_THAT(waves_of({on_binding(BindingOp::take_key, "o", 1), waits(1, "o")}),
              ElementsAre(ElementsAre(0), ElementsAre(1)));
  EXPECT_THAT(waves_of({on_binding(BindingOp::add_alias, "o#a", 1),
                        waits(1, "o#a"),
                        on_binding(BindingOp::add_alias, "o#a", 2),
                        waits(2, "o#a")}),
              ElementsAre(ElementsAre(0), ElementsAre(1), ElementsAre(2), ElementsAre(3)));
  EXPECT_THAT(waves_of({waits(1, "o"), waits(1, "p")}), ElementsAre(ElementsAre(0), ElementsAre(1)))
      << "the same mark";
}

TEST(Waves, ALaterGroupOfAnEarlierWaveNeverOvertakes) {
  // 2 shares the key's wait with 1, which had to go after 0.
  EXPECT_THAT(waves_of({on_binding(BindingOp::take_key, "o", 1), waits(1, "o"), waits(2, "o")}),
              ElementsAre(ElementsAre(0), ElementsAre(1, 2)));
}

}  // namespace
}  // namespace vozex::postgres

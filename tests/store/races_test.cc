// SPDX-License-Identifier: Apache-2.0
//
// Races with real threads and connections, many rounds each: whatever the timing, one of two wins,
// and an early event and a start see each other. What each store does inside is not looked at;
// postgres_races_test.cc pins the timings.
#include <barrier>
#include <thread>

#include "tests/store/store_test.h"

namespace vozex::store_test {
namespace {

using testing::Contains;
using testing::SizeIs;
using testing::UnorderedElementsAre;

constexpr std::uint32_t k_rounds = 60;

class RacesTest : public StoreTest {
 protected:
  struct Outcome {
    Verdict verdict = Verdict::stale;
    std::vector<BindingKey> claims;
  };

  // Commits both at once, each on a lane of its own, the second one's in another process where
  // there can be one.
  std::pair<Outcome, Outcome> race(const Group& one, const Group& two) {
    if (second_ == nullptr) second_ = other_lane();
    const CommitRequest first = request({one});
    const CommitRequest second = request({two});
    std::pair<Outcome, Outcome> outcomes;
    std::barrier together(2);
    std::thread thread([&] { outcomes.second = run(*second_, second, together); });
    outcomes.first = run(lane(), first, together);
    thread.join();
    return outcomes;
  }

 private:
  static Outcome run(ports::LaneStore& lane,
                     const CommitRequest& request,
                     std::barrier<>& together) {
    together.arrive_and_wait();
    const auto reply = lane.commit(request);
    if (!reply) {
      ADD_FAILURE() << reply.error().code << ": " << reply.error().message;
      return {};
    }
    return {reply->verdicts[0].verdict, reply->claims};
  }

  std::unique_ptr<ports::LaneStore> second_;
};

class Races : public RacesTest {};
INSTANTIATE_TEST_SUITE_P(Stores, Races, testing::ValuesIn(all_kinds()), [](const auto& kind) {
  return to_string(kind.param);
});

TEST_P(Races, TwoStartsTakeAKeyOnce) {
  for (std::uint32_t round = 1; round <= k_rounds; ++round) {
    const std::string key = "k" + std::to_string(round);
    const auto [one, two] = race(start(2 * round, key), start(2 * round + 1, key));
    EXPECT_THAT((std::vector{one.verdict, two.verdict}),
                UnorderedElementsAre(Verdict::committed, Verdict::key_taken));
    EXPECT_THAT(holders(order_key(key)), SizeIs(1));
  }
}

TEST_P(Races, AnEventAndAStartSeeEachOther) {
  int parked_first = 0;
  for (std::uint32_t round = 1; round <= k_rounds; ++round) {
    const std::string key = "k" + std::to_string(round);
    const Group early = parking("e" + std::to_string(round), {order_key(key), alias_key(key)});
    // Both ways round, so that neither side always has the quicker lane.
    const auto [one, two] =
        round % 2 == 0 ? race(start(round, key), early) : race(early, start(round, key));
    const Outcome& started = round % 2 == 0 ? one : two;
    const Outcome& parked = round % 2 == 0 ? two : one;
    ASSERT_EQ(started.verdict, Verdict::committed);
    if (parked.verdict == Verdict::committed) {
      ++parked_first;
      EXPECT_THAT(started.claims, Contains(order_key(key))) << "the event is lost";
    } else {
      EXPECT_EQ(parked.verdict, Verdict::stale);
    }
  }
  RecordProperty("parked_first", parked_first);
}

TEST_P(Races, AnEventAndAnAliasSeeEachOther) {
  for (std::uint32_t round = 1; round <= k_rounds; ++round) {
    const std::string key = "a" + std::to_string(round);
    const Group early = parking("e" + std::to_string(round), {alias_key(key)});
    Group alias;
    alias.bindings.push_back(binding(BindingOp::add_alias, alias_key(key), round));
    const auto [one, two] = round % 2 == 0 ? race(alias, early) : race(early, alias);
    const Outcome& added = round % 2 == 0 ? one : two;
    const Outcome& parked = round % 2 == 0 ? two : one;
    ASSERT_EQ(added.verdict, Verdict::committed);
    if (parked.verdict == Verdict::committed) {
      EXPECT_THAT(added.claims, Contains(alias_key(key))) << "the event is lost";
    } else {
      EXPECT_EQ(parked.verdict, Verdict::stale);
    }
  }
}

TEST_P(Races, OneEventIsAppliedOnce) {
  for (std::uint32_t round = 1; round <= k_rounds; ++round) {
    Group one = start(2 * round);
    Group two = start(2 * round + 1);
    one.marks.push_back(mark("m" + std::to_string(round)));
    two.marks = one.marks;
    const auto [first, second] = race(one, two);
    EXPECT_THAT((std::vector{first.verdict, second.verdict}),
                UnorderedElementsAre(Verdict::committed, Verdict::duplicate));
  }
}

TEST_P(Races, OneInstanceIsChangedOnce) {
  commit({start(1)});
  Etag etag = last_etag();
  for (std::uint32_t round = 1; round <= k_rounds; ++round) {
    Group change_it;
    change_it.instances.push_back(change(1, etag, round + 1));
    const auto [first, second] = race(change_it, change_it);
    EXPECT_THAT((std::vector{first.verdict, second.verdict}),
                UnorderedElementsAre(Verdict::committed, Verdict::stale));
    etag = load_instance(1).at(0).etag;
  }
}

TEST_P(Races, OneCallIsClaimedOnce) {
  for (const std::uint32_t who : {1u, 2u}) {
    ASSERT_TRUE(store().sessions().join(session_id(who), "racer").has_value());
  }
  for (std::uint32_t round = 1; round <= 20; ++round) {
    Group group;
    for (std::uint16_t i = 0; i < 20; ++i) {
      CallRow row = call_row(call_id(round, 1, i));
      row.state = CallState::waiting;
      row.owner = {};
      group.calls.push_back(call(CallOp::insert, row));
    }
    commit({group});
    std::size_t claimed[2] = {0, 0};
    std::barrier together(2);
    const auto claim = [&](std::size_t who, ports::Store& from) {
      together.arrive_and_wait();
      const auto calls = from.work().claim_calls(
          session_id(static_cast<std::uint32_t>(who) + 1), "mail", at(9), 100);
      claimed[who] = calls.value().size();
    };
    ports::Store& other = backend().other_process();
    std::thread thread([&] { claim(1, other); });
    claim(0, store());
    thread.join();
    EXPECT_EQ(claimed[0] + claimed[1], 20u);
  }
}

TEST_P(Races, ManyLanesOnManyInstancesLoseNothing) {
  // Each lane raises the sequence of random instances by compare-and-swap; in the end the sequences
  // add up.
  constexpr int k_instances = 8;
  constexpr int k_lanes = 4;
  constexpr int k_commits = 40;
  std::vector<Group> groups;
  for (std::uint32_t number = 1; number <= std::uint32_t{k_instances}; ++number)
    groups.push_back(start(number));
  commit(groups);
  std::vector<std::unique_ptr<ports::LaneStore>> lanes;
  for (int i = 0; i < k_lanes; ++i) lanes.push_back(i % 2 == 0 ? other_lane() : nullptr);
  for (auto& one : lanes) {
    if (one == nullptr) one = std::move(*store().open_lane());
  }
  std::atomic<int> committed = 0;
  std::vector<std::thread> threads;
  for (int me = 0; me < k_lanes; ++me) {
    threads.emplace_back([&, me] {
      for (int i = 0; i < k_commits; ++i) {
        const auto a = static_cast<std::uint32_t>((i * 7 + me * 3) % k_instances + 1);
        const std::uint32_t b = a % std::uint32_t{k_instances} + 1;
        const auto rows =
            lanes[static_cast<std::size_t>(me)]->load({{key_of(a), key_of(b)}, {}, {}, {}});
        Group group;
        for (const InstanceRow& row : rows.value().instances) {
          group.instances.push_back({row.etag, row, true, false});
          ++group.instances.back().row.seq;
        }
        CommitRequest request;
        request.etag = static_cast<Etag>(1000 + me * 1000 + i);
        request.groups = {group};
        const auto reply = lanes[static_cast<std::size_t>(me)]->commit(request);
        if (reply.value().verdicts[0].verdict == Verdict::committed) ++committed;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  std::uint32_t steps = 0;
  for (std::uint32_t number = 1; number <= std::uint32_t{k_instances}; ++number) {
    steps += load_instance(number).at(0).seq - 1;
  }
  EXPECT_EQ(steps, static_cast<std::uint32_t>(2 * committed.load()));
  EXPECT_GT(committed.load(), 0);
}

}  // namespace
}  // namespace vozex::store_test

// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/sessions/lease.h"

#include <gtest/gtest.h>

namespace vozex::runtime {
namespace {

constexpr Duration k_second{std::chrono::seconds{1}};
constexpr Duration k_length = 15 * k_second;
const SessionId k_session{Bytes16{1}};
const Timestamp k_wall{std::chrono::hours{24 * 20'000}};
const Timestamp k_database = k_wall + 7 * k_second;

TEST(Lease, SendsForHalfOfItsLengthAfterTheLastConfirmedBeat) {
  Lease lease(k_length);
  EXPECT_FALSE(lease.may_send(Duration{0})) << "not joined";
  lease.joined(k_session, 100 * k_second);
  EXPECT_TRUE(lease.may_send(107 * k_second));
  EXPECT_FALSE(lease.may_send(108 * k_second));
  lease.confirmed(108 * k_second, 120 * k_second, k_database);
  EXPECT_TRUE(lease.may_send(115 * k_second)) << "counted from before the beat was sent";
  EXPECT_FALSE(lease.may_send(116 * k_second));
  lease.lost();
  EXPECT_FALSE(lease.may_send(109 * k_second));
  EXPECT_TRUE(lease.session().is_nil());
}

TEST(Lease, TheDatabasesClockIsTheWallClockUntilTheDatabaseHasSpoken) {
  Lease lease(k_length);
  lease.joined(k_session, 100 * k_second);
  EXPECT_EQ(lease.database_time(100 * k_second, k_wall), k_wall);
}

TEST(Lease, AWallClockThatIsSetMovesNoTime) {
  Lease lease(k_length);
  lease.joined(k_session, 100 * k_second);
  lease.confirmed(102 * k_second, 104 * k_second, k_database);
  EXPECT_EQ(lease.database_time(103 * k_second, k_wall), k_database) << "told halfway";
  const Timestamp set_to = k_wall + std::chrono::hours{2};
  EXPECT_EQ(lease.database_time(113 * k_second, set_to), k_database + 10 * k_second);
  EXPECT_EQ(lease.database_time(113 * k_second, k_wall - std::chrono::hours{2}),
            k_database + 10 * k_second);
}

}  // namespace
}  // namespace vozex::runtime

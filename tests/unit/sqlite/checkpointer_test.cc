// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/checkpointer.h"

#include <gtest/gtest.h>

namespace vozex::sqlite {
namespace {

TEST(LogWatch, WhatIsCopiedAlreadyDoesNotCount) {
  LogWatch watch;
  EXPECT_FALSE(watch.is_due(k_pages_to_checkpoint - 1));
  EXPECT_TRUE(watch.is_due(k_pages_to_checkpoint));
  watch.copied(k_pages_to_checkpoint);
  EXPECT_FALSE(watch.is_due(k_pages_to_checkpoint + 1)) << "a page more is no reason";
  EXPECT_FALSE(watch.is_due(2 * k_pages_to_checkpoint - 1));
  EXPECT_TRUE(watch.is_due(2 * k_pages_to_checkpoint));
}

TEST(LogWatch, ALogThatIsBegunAnewIsCountedFromItsBegin) {
  LogWatch watch;
  watch.copied(10 * k_pages_to_checkpoint);
  EXPECT_FALSE(watch.is_due(3));
  EXPECT_TRUE(watch.is_due(k_pages_to_checkpoint));
}

TEST(LogWatch, ACheckpointThatCopiedNothingIsTriedAgain) {
  LogWatch watch;
  EXPECT_TRUE(watch.is_due(k_pages_to_checkpoint));
  watch.copied(0);
  EXPECT_TRUE(watch.is_due(k_pages_to_checkpoint + 1));
}

}  // namespace
}  // namespace vozex::sqlite

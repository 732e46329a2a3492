// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/ops/taken.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "engine/types/json.h"

namespace vozex::runtime {
namespace {

using testing::HasSubstr;
using testing::Not;

// What any repair says of a row in the log: nothing that a customer or a workflow wrote.
TEST(Outline, HasNoTextOfCustomers) {
  const std::string secret = "ann@example.com";
  ports::TaskRow task;
  task.key = task.title = task.assignee = secret;
  task.roles = {secret};
  ports::CallRow call;
  call.request = call.error = secret;
  ports::InstanceRow row;
  row.key = row.status = row.input = row.data = row.rt = row.output = secret;
  for (const auto& [outlined, all] : {std::pair(outline(task), whole(task)),
                                      std::pair(outline(call), whole(call)),
                                      std::pair(outline(row), whole(row))}) {
    EXPECT_THAT(types::to_json(outlined), Not(HasSubstr(secret)));
    EXPECT_THAT(types::to_json(all), HasSubstr(secret));
  }
}

}  // namespace
}  // namespace vozex::runtime

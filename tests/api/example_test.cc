// SPDX-License-Identifier: Apache-2.0
// The example that readers run works against `vozex dev`, as they would run it.
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>

#include "tests/api/town.h"

namespace vozex::api_test {
namespace {

TEST(Example, FirstOrder) {
  const TemporaryFolder folder;
  const std::string listen = "127.0.0.1:" + std::to_string(free_port());
  const std::string gateway = "127.0.0.1:" + std::to_string(free_port());
  Process dev({"dev", "--listen", listen, "--sandbox-listen", gateway, "--state", folder / "state"},
              {},
              folder / "log");
  ASSERT_TRUE(eventually(
      [&] { return !dev.alive() || ask("GET", "http://" + listen + "/readyz").status == 200; }));
  ASSERT_TRUE(dev.alive()) << read_text(folder / "log");
  const std::string command = "VOZEX_STATE=" + (folder / "state") +
                              " VOZEX=" VOZEX_BINARY " bash " VOZEX_SOURCE_DIR
                              "/examples/first_order/run.sh > " +
                              (folder / "said") + " 2>&1 < /dev/null";
  EXPECT_EQ(std::system(command.c_str()), 0)
      << read_text(folder / "said") << read_text(folder / "log");
}

}  // namespace
}  // namespace vozex::api_test

// SPDX-License-Identifier: Apache-2.0
//
// Every command of docs/sandbox.md is run as it stands, by a shell, against a sandbox on the wire;
// each block on a session that nobody has paid and a payment of its own.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/unit/sandbox/wire.h"

namespace vozex::sandbox {
namespace {

std::vector<std::string> blocks_of(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  const std::string page = text.str();
  std::vector<std::string> blocks;
  constexpr std::string_view k_open = "```sh\n";
  for (auto at = page.find(k_open); at != std::string::npos; at = page.find(k_open, at)) {
    at += k_open.size();
    blocks.push_back(page.substr(at, page.find("```", at) - at));
  }
  return blocks;
}

using SandboxPage = OnTheWire;

TEST_F(SandboxPage, EveryCommandWorksAsItStands) {
  const auto blocks = blocks_of(VOZEX_SOURCE_DIR "/docs/sandbox.md");
  ASSERT_GE(blocks.size(), 7u);
  ::setenv("SANDBOX", sandbox_->url().c_str(), 1);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    ask("DELETE", "/sandbox/faults");
    post("/sandbox/webhook", R"({"url":")" + receiver_.url() + "/webhooks/dodo\"}");
    const auto opened = [&](const std::string& id) {
      return done("create_checkout", json::parse(checkout(id, "stripe"))).value("session_ref", "");
    };
    const std::string number = std::to_string(i);
    const auto paid = post("/sandbox/checkouts/" + opened("paid-" + number) + "/pay");
    ::setenv("SESSION", opened("open-" + number).c_str(), 1);
    ::setenv("PAYMENT", paid.value("payment_id", "").c_str(), 1);
    ::setenv("PAYMENT_ID", ("open-" + number).c_str(), 1);
    const std::string script = "set -e\n" + blocks[i];
    const int status = std::system(("bash -c '" +
                                    [&] {
                                      std::string quoted;
                                      for (const char c : script)
                                        quoted +=
                                            c == '\'' ? std::string("'\\''") : std::string(1, c);
                                      return quoted;
                                    }() +
                                    "' >/dev/null")
                                       .c_str());
    EXPECT_EQ(WEXITSTATUS(status), 0) << blocks[i];
  }
}

}  // namespace
}  // namespace vozex::sandbox

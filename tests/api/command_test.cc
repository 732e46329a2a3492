// SPDX-License-Identifier: Apache-2.0
// The commands that talk to a running server, and `vozex dev` from start to a delivered licence.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <filesystem>
#include <fstream>

#include "tests/api/town.h"
#include "tests/support/loopback_server.h"

namespace vozex::api_test {
namespace {

using ::testing::HasSubstr;

TEST(Command, LooksAtOrdersAndSendsEvents) {
  const Town town(Kind::sqlite);
  const auto vozex = [&](std::vector<std::string> words) {
    return run(words, {{"VOZEX_URL", town.api("")}, {"VOZEX_API_KEY", town.key()}});
  };
  ASSERT_EQ(town.checkout("o-1").status, 201);
  const Outcome list = vozex({"instance", "ls", "--workflow", "order"});
  EXPECT_EQ(list.code, 0) << list.err;
  EXPECT_THAT(list.out, HasSubstr("WORKFLOW"));
  EXPECT_THAT(list.out, HasSubstr("paying"));
  const json listed =
      json::parse(vozex({"instance", "ls", "--workflow", "order", "-o", "json"}).out);
  ASSERT_EQ(listed.size(), 1u);
  const std::string id = listed[0]["id"];
  EXPECT_EQ(json::parse(vozex({"instance", "show", id, "-o", "json"}).out)["key"], "o-1");
  EXPECT_THAT(vozex({"instance", "history", "order/o-1"}).out, HasSubstr("created"));
  const Outcome why = vozex({"instance", "why", "order/o-1"});
  EXPECT_THAT(why.out, HasSubstr("order.cancel"));
  EXPECT_THAT(why.out, HasSubstr("child"));
  EXPECT_THAT(vozex({"workflow", "ls"}).out, HasSubstr("fulfillment_license_download"));
  EXPECT_EQ(vozex({"call", "ls", "--state", "dead", "-o", "json"}).out, "[]\n");
  EXPECT_EQ(vozex({"instance", "show", "order/nobody"}).code, 3);
  EXPECT_EQ(vozex({"instance", "action", "order/o-1", "pay_again", "--role", "customer"}).code, 6);
  EXPECT_EQ(vozex({"event", "send", "no.such.event"}).code, 1);
  const Outcome sent = vozex({"event",
                              "send",
                              "order.cancel",
                              "--id",
                              "e1",
                              "--data",
                              R"({"order_id": "o-1", "reason": "test"})"});
  EXPECT_EQ(sent.code, 0) << sent.err;
  EXPECT_THAT(sent.err, HasSubstr("outcome: transitioned"));
  EXPECT_THAT(vozex({"event",
                     "send",
                     "order.cancel",
                     "--id",
                     "e1",
                     "--data",
                     R"({"order_id": "o-1", "reason": "test"})"})
                  .err,
              HasSubstr("duplicate"));
  EXPECT_EQ(town.state_of("order", "o-1"), "cancelled");
  EXPECT_EQ(run({"instance", "ls"},
                {{"VOZEX_URL", town.api("")}, {"VOZEX_API_KEY", "a-key-that-nobody-has"}})
                .code,
            4);
}

TEST(Serve, RefusesValuesThatNoWorkflowDeclares) {
  const TemporaryFolder folder;
  write_text(folder / "vozex.yaml", "config: {refund: {aprove_above: 10, approve_above: lots}}\n");
  const Outcome outcome = run({"serve",
                               "--config",
                               folder / "vozex.yaml",
                               "--state",
                               folder / "state",
                               "--listen",
                               "127.0.0.1:0",
                               "--workflows",
                               VOZEX_SOURCE_DIR "/workflows",
                               "--api-key",
                               "a=env:K"},
                              {{"K", "a-key-of-more-than-16-bytes"}});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("/refund/approve_above: expected int, got string \"lots\""));
  EXPECT_THAT(outcome.err, HasSubstr("/refund/aprove_above: its file declares no such value"));
}

TEST(Command, TheKeyOfTheServerInTheFolderGoesToNoOther) {
  const TemporaryFolder folder;
  std::ofstream(folder / "client.json") << R"({"url":"http://127.0.0.1:1","key":"secret-of-this"})";
  std::atomic<bool> told = false;
  test::LoopbackServer other([&](const test::WireRequest& request) {
    for (const auto& [name, value] : request.headers)
      told = told || value.find("secret-of-this") != std::string::npos;
    return test::WireReply::answer(401, R"({"code":"no_valid_key","detail":"Who is asking?"})");
  });
  const Outcome refused = run({"instance", "ls", "--dev-state", folder / "", "--url", other.url()});
  EXPECT_EQ(refused.code, 4) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("VOZEX_API_KEY"));
  EXPECT_EQ(other.requests(), 1);
  EXPECT_FALSE(told.load());
}

TEST(Dev, IsAWholeHouseThatClientsFindByThemselves) {
  const TemporaryFolder folder;
  const std::string listen = "127.0.0.1:" + std::to_string(free_port());
  const std::string gateway = "127.0.0.1:" + std::to_string(free_port());
  const std::string state = folder / "state";
  Process dev({"dev", "--listen", listen, "--sandbox-listen", gateway, "--state", state},
              {},
              folder / "log");
  ASSERT_TRUE(eventually(
      [&] { return !dev.alive() || ask("GET", "http://" + listen + "/readyz").status == 200; }));
  ASSERT_TRUE(dev.alive()) << read_text(folder / "log");
  EXPECT_EQ(std::filesystem::status(state).permissions() & std::filesystem::perms::all,
            std::filesystem::perms::owner_all);

  const json client = json::parse(read_text(state + "/client.json"));
  const std::string body =
      R"({"order_id": "o-1", "gateway": "dodo", "customer": {"email": "ann@example.com"},
      "items": [{"product_id": "editor", "title": "Text editor", "driver": "license_download",
                 "price": {"minor": 4900, "currency": "USD"}, "config": {"seats": 1}}]})";
  const Answer placed = ask("POST",
                            client["url"].get<std::string>() + "/v1/checkouts",
                            body,
                            {"authorization: Bearer " + client["key"].get<std::string>(),
                             "content-type: application/json"});
  ASSERT_EQ(placed.status, 201) << placed.body << read_text(folder / "log");
  const std::string url = placed.value()["checkout_url"];
  ask("POST",
      "http://" + gateway + "/sandbox/checkouts/" + url.substr(url.rfind('/') + 1) + "/pay",
      "{}");
  EXPECT_TRUE(eventually([&] {
    return run({"instance", "show", "order/o-1", "--dev-state", state, "-o", "json"})
               .out.find("\"fulfilled\"") != std::string::npos;
  })) << read_text(folder / "log");
  const json delivered = json::parse(run({"instance",
                                          "show",
                                          "fulfillment_license_download/o-1-1",
                                          "--dev-state",
                                          state,
                                          "-o",
                                          "json"})
                                         .out);
  EXPECT_EQ(ask("GET", delivered["data"]["download_url"]).body.substr(0, 2), "PK");
  dev.kill(SIGINT);
  EXPECT_EQ(dev.wait(), 0) << read_text(folder / "log");
  EXPECT_EQ(ask("GET", "http://" + gateway + "/sandbox/health").status,
            0);  // the gateway ends with it
}

}  // namespace
}  // namespace vozex::api_test

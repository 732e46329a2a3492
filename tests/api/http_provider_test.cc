// SPDX-License-Identifier: Apache-2.0
// examples/http_provider end to end: a real `vozex serve` and a carrier on loopback.
#include <gtest/gtest.h>

#include <iostream>
#include <memory>
#include <mutex>

#include "tests/api/process.h"
#include "tests/api/web.h"
#include "tests/support/loopback_server.h"

namespace vozex::api_test {
namespace {

using test::LoopbackServer;
using test::WireReply;
using test::WireRequest;

constexpr const char* k_key = "test-key-that-is-long-enough";
constexpr const char* k_secret = "tops3cret-of-the-carrier";

// Books what it is asked to; the order "lost" gets 500 all the same.
class Carrier {
 public:
  Carrier() : server_([this](const WireRequest& request) { return answer(request); }) {}

  std::string url() const { return server_.url(); }
  int bookings(const std::string& order) {
    const std::lock_guard lock(mutex_);
    return bookings_[order];
  }
  std::vector<WireRequest> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  WireReply answer(const WireRequest& request) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    if (request.headers.at("authorization") != std::string("Bearer ") + k_secret)
      return WireReply::answer(401, "{}");
    if (request.method == "POST") return book(json::parse(request.body));
    const std::string order = request.target.substr(8, request.target.rfind('/') - 8);
    if (bookings_[order] == 0) return WireReply::answer(404, "{}");
    return WireReply::answer(200, json{{"id", "T-" + order}}.dump());
  }

  WireReply book(const json& body) {
    const std::string order = body.at("reference");
    if (body.at("grams") > 30'000) return WireReply::answer(422, R"({"message":"30 kg at most"})");
    ++bookings_[order];
    if (order == "lost") return WireReply::answer(500, "<html>");
    return WireReply::answer(201, json{{"id", "T-" + order}}.dump());
  }

  std::mutex mutex_;  // guards what follows
  std::map<std::string, int> bookings_;
  std::vector<WireRequest> requests_;
  LoopbackServer server_;  // last: its threads use the others
};

class HttpProvider : public testing::Test {
 protected:
  void SetUp() override {
    server_ = std::make_unique<Process>(
        std::vector<std::string>{"serve",
                                 "--listen",
                                 listen_,
                                 "--state",
                                 folder_ / "state",
                                 "--workflows",
                                 VOZEX_SOURCE_DIR "/examples/http_provider",
                                 "--adapter",
                                 "carrier=" + carrier_.url(),
                                 "--adapter",
                                 "mailer=" + carrier_.url() + "/mail/",
                                 "--api-key",
                                 "shop=env:SHOP_KEY"},
        std::map<std::string, std::string>{{"SHOP_KEY", k_key},
                                           {"VOZEX_SECRET_CARRIER_KEY", k_secret}},
        folder_ / "log");
    ASSERT_TRUE(eventually([&] {
      return !server_->alive() || ask("GET", "http://" + listen_ + "/readyz").status == 200;
    }));
    ASSERT_TRUE(server_->alive()) << read_text(folder_ / "log");
  }

  Answer api(const std::string& method, const std::string& path, const json& body = nullptr) {
    const auto answer =
        ask(method,
            "http://" + listen_ + path,
            body.is_null() ? "" : body.dump(),
            {std::string("authorization: Bearer ") + k_key, "content-type: application/json"});
    said_ += answer.body;
    return answer;
  }
  void start(const std::string& workflow, const json& input) {
    const auto started = api("POST", "/v1/instances", {{"workflow", workflow}, {"input", input}});
    ASSERT_LT(started.status, 300) << started.body;
  }
  bool ends_in(const std::string& workflow, const std::string& key, const std::string& state) {
    json last;
    const bool done = eventually([&] {
      last = api("GET", "/v1/instances/" + workflow + "/" + key).value();
      return last.value("state", "") == state;
    });
    if (!done) std::cerr << last.dump(1) << read_text(folder_ / "log");
    return done;
  }

  const TemporaryFolder folder_;
  Carrier carrier_;
  const std::string listen_ = "127.0.0.1:" + std::to_string(free_port());
  std::unique_ptr<Process> server_;
  std::string said_;  // every answer of the API
};

TEST_F(HttpProvider, BooksRefusesAndSettlesALostAnswer) {
  start("shipment", {{"order_id", "o-1"}, {"weight", 1200}});
  start("shipment", {{"order_id", "fat"}, {"weight", 31'000}});
  start("shipment", {{"order_id", "lost"}, {"weight", 900}});
  EXPECT_TRUE(ends_in("shipment", "o-1", "booked"));
  EXPECT_TRUE(ends_in("shipment", "fat", "refused"));
  EXPECT_NE(said_.find("30 kg at most"), std::string::npos);
  // The carrier did the work and answered 500: asked, not repeated.
  EXPECT_TRUE(ends_in("shipment", "lost", "booked"));
  EXPECT_EQ(carrier_.bookings("lost"), 1);
  EXPECT_EQ(carrier_.bookings("o-1"), 1);
  EXPECT_NE(said_.find("T-lost"), std::string::npos);
  api("GET", "/v1/workflows/shipment/1");
  EXPECT_EQ(said_.find(k_secret), std::string::npos);
  EXPECT_EQ(read_text(folder_ / "log").find(k_secret), std::string::npos);
}

json mail_files(int version, const std::string& path) {
  const std::string adapter = R"(vozex: 1
adapter: mailer
http: {auth: {bearer: CARRIER_KEY}}
operations:
  send: {input: {to: string}, output: {id: string}, repeat: safe, request: {method: POST, path: )" +
                              path + R"(, body: {reference: "${input.to}", grams: 1}}}
)";
  const std::string workflow = R"(vozex: 1
workflow: letter
version: )" + std::to_string(version) +
                               R"(
key: input.to
input: {to: string}
states:
  sending: {invoke: {call: mailer.send, with: {to: "${input.to}"}, on_done: sent, on_error: failed}}
  sent: {type: final}
  failed: {type: final, outcome: failed, error: {code: not_sent}}
)";
  return {{"files",
           {{{"name", "mailer.yaml"}, {"text", adapter}},
            {{"name", "letter.yaml"}, {"text", workflow}}}}};
}

// Nobody restarts: the adapter comes with the deployment, and a changed one with a new version.
TEST_F(HttpProvider, AdaptersThatAreDeployedLaterWork) {
  const auto deployed = api("POST", "/v1/workflows", mail_files(1, "/letters"));
  ASSERT_EQ(deployed.status, 200) << deployed.body;
  start("letter", {{"to", "ann"}});
  EXPECT_TRUE(ends_in("letter", "ann", "sent"));
  EXPECT_EQ(carrier_.requests().back().target, "/mail/letters");
  const auto changed = api("POST", "/v1/workflows", mail_files(1, "/cards"));
  EXPECT_EQ(changed.status, 409) << changed.body;
  const auto next = api("POST", "/v1/workflows", mail_files(2, "/cards"));
  ASSERT_EQ(next.status, 200) << next.body;
  start("letter", {{"to", "bob"}});
  EXPECT_TRUE(ends_in("letter", "bob", "sent"));
  EXPECT_EQ(carrier_.requests().back().target, "/mail/cards");
}

TEST(HttpProviderExample, ItsScenariosPass) {
  const Outcome outcome = run({"test", VOZEX_SOURCE_DIR "/examples/http_provider"});
  EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.err;
}

TEST(HttpProviderSettings, WrongOnesAreRefusedAtStart) {
  const TemporaryFolder folder;
  write_text(folder / "wrong.yaml", "adapters: {carrier: {bse: \"https://a.example\"}}\n");
  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {{"--adapter", "carrier"}, "expected NAME=https://host/path"},
      {{"--adapter", "carrier=ftp://a.example"}, "must begin with http:// or https://"},
      {{"--config", folder / "wrong.yaml"}, "bse"},
  };
  for (const auto& [arguments, said] : cases) {
    std::vector<std::string> all{
        "serve", "--state", folder / "state", "--listen", "127.0.0.1:0", "--api-key", "a=env:K"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const Outcome outcome = run(all, {{"K", k_key}});
    EXPECT_NE(outcome.code, 0);
    EXPECT_NE(outcome.err.find(said), std::string::npos) << outcome.err;
  }
}

}  // namespace
}  // namespace vozex::api_test

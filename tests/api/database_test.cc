// SPDX-License-Identifier: Apache-2.0
// What happens to the database under two processes at work: it is restarted, crashes, cuts
// connections, has none left, or takes too long. Each test ends with the accounts: every order
// exactly once. The server is the test's own.
#include <gtest/gtest.h>

#include <iostream>
#include <optional>
#include <pqxx/pqxx>
#include <sstream>

#include "tests/api/private_server.h"
#include "tests/api/shoppers.h"

namespace vozex::api_test {
namespace {

constexpr std::size_t k_servers = 2;
constexpr int k_orders = 40;

class OwnDatabase : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string why;
    if (!has_private_servers(why)) GTEST_SKIP() << why;
    database_ = std::make_unique<PrivateServer>();
  }
  void TearDown() override {
    if (HasFailure() && town_ != nullptr) std::cout << town_->server_log();
  }

  void open_town(const std::string& url_options = "") {
    town_ = std::make_unique<Town>(
        database_->url() + url_options,
        std::vector<std::string>{"--session-lease", "3s", "--session-beat", "500ms"},
        k_servers);
  }
  void cut_connections() {
    database_->execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'vozex'");
  }
  void finish(Shoppers& shoppers) {
    shoppers.join();
    EXPECT_EQ(shoppers.failures(), 0);
    std::cout << shoppers.retries() << " checkouts were sent again\n";
    account_for(*town_, k_orders);
  }
  // A refusal that says why, what to do, and when.
  void expect_refused(const Answer& answer) {
    EXPECT_EQ(answer.status, 503) << answer.body;
    EXPECT_TRUE(answer.headers.contains("retry-after"));
    EXPECT_NE(answer.value().value("detail", "").find("nothing was done, send it again"),
              std::string::npos)
        << answer.body;
    EXPECT_FALSE(answer.value().contains("errors")) << "no SQL for the world: " << answer.body;
  }
  // Told at the door or after two seconds, whichever lane it meets.
  Answer refused_checkout(const std::string& order) {
    Answer answer;
    EXPECT_TRUE(eventually([&] {
      answer = town_->checkout(order);
      return answer.status == 503;
    })) << answer.status;
    return answer;
  }

  // Where an order that is there is paid.
  std::string page_of(const std::string& order) {
    std::string url;
    EXPECT_TRUE(eventually([&] {
      const json payment = town_->instance("payment", order + "-p1");
      if (payment.contains("data")) url = payment["data"].value("checkout_url", "");
      return !url.empty();
    }));
    return url;
  }
  // Whose locks did not come in time.
  std::size_t commits_given_up() {
    std::size_t count = 0;
    std::istringstream log(database_->log());
    bool given_up = false;
    for (std::string line; std::getline(log, line);) {
      if (line.find("ERROR:") != std::string::npos)
        given_up = line.find("due to lock timeout") != std::string::npos;
      if (given_up && line.find("STATEMENT:") != std::string::npos &&
          line.find("commit_v") != std::string::npos)
        ++count;
    }
    return count;
  }

  std::unique_ptr<PrivateServer> database_;
  std::unique_ptr<Town> town_;
};

class OwnDatabaseRestart : public OwnDatabase, public ::testing::WithParamInterface<const char*> {};
INSTANTIATE_TEST_SUITE_P(Modes,
                         OwnDatabaseRestart,
                         ::testing::Values("fast", "immediate"),
                         [](const auto& one) { return std::string(one.param); });

TEST_P(OwnDatabaseRestart, UnderLoadLosesNothingAndDoesNothingTwice) {
  open_town();
  Shoppers shoppers(*town_, k_orders, 6);
  for (const double share : {0.2, 0.5, 0.8}) {
    ASSERT_TRUE(shoppers.reach(share));
    ASSERT_TRUE(database_->restart(GetParam())) << database_->log();
  }
  finish(shoppers);
}

TEST_F(OwnDatabase, ConnectionsAreTerminatedUnderLoad) {
  open_town();
  Shoppers shoppers(*town_, k_orders, 6);
  for (int cuts = 1; cuts <= 12; ++cuts) {
    ASSERT_TRUE(shoppers.reach(cuts / 13.0));
    cut_connections();
  }
  finish(shoppers);
}

TEST_F(OwnDatabase, WithoutConnectionsLeftEventsAreRefusedUntilThereAreSome) {
  open_town();
  EXPECT_EQ(town_->checkout("o-0", 2).status, 201);
  database_->execute("ALTER ROLE vozex CONNECTION LIMIT 0");
  cut_connections();
  const Answer refused = refused_checkout("o-1");
  expect_refused(refused);
  EXPECT_NE(refused.body.find("too many connections"), std::string::npos) << refused.body;
  EXPECT_EQ(town_->get("/v1/instances").status, 503);
  EXPECT_EQ(ask("GET", town_->api("/readyz")).status, 503);
  EXPECT_EQ(ask("GET", town_->api("/healthz")).status, 200) << "the process is not to blame";

  database_->execute("ALTER ROLE vozex CONNECTION LIMIT -1");
  EXPECT_TRUE(town_->wait_until_ready());
  EXPECT_TRUE(eventually([&] { return town_->checkout("o-1").status / 100 == 2; }));
  for (const char* order : {"o-0", "o-1"})
    EXPECT_EQ(town_->buyer(page_of(order), "pay").status, 200);
  account_for(*town_, 2);
}

TEST_F(OwnDatabase, AStatementThatTakesTooLongIsGivenUpAndDoneLater) {
  // On a busy machine the tables take longer to be made than any other statement may take here.
  const Outcome made = run({"migrate", "--store", database_->url()});
  ASSERT_EQ(made.code, 0) << made.err;
  open_town("?options=-c%20statement_timeout%3D1s");
  {
    pqxx::connection other(database_->url());
    pqxx::work work(other);
    work.exec("LOCK TABLE history IN ACCESS EXCLUSIVE MODE");
    expect_refused(refused_checkout("o-0"));
    EXPECT_TRUE(eventually([&] {
      return database_->log().find("due to statement timeout") != std::string::npos;
    })) << "it was given up: "
        << database_->log();
  }
  EXPECT_TRUE(eventually([&] { return town_->checkout("o-0", 2).status / 100 == 2; }));
  EXPECT_EQ(town_->buyer(page_of("o-0"), "pay").status, 200);
  account_for(*town_, 1);
}

// Its statements are given up by themselves; who waits for them is told at the first time.
TEST_F(OwnDatabase, WhileATableIsLockedEventsAreRefusedAndNobodyWaitsLong) {
  open_town();
  EXPECT_EQ(town_->checkout("o-0", 2).status, 201);
  EXPECT_FALSE(page_of("o-0").empty());
  std::optional<pqxx::connection> other(database_->url());
  std::optional<pqxx::work> work(*other);
  work->exec("LOCK TABLE history IN ACCESS EXCLUSIVE MODE");
  const Answer refused = town_->checkout("o-1");
  expect_refused(refused);
  EXPECT_EQ(refused.value().value("code", ""), "store_busy") << refused.body;
  // A short wait, a careful one, and what other work met meanwhile.
  EXPECT_LE(commits_given_up(), 4u) << database_->log();
  EXPECT_TRUE(eventually([&] {
    const Answer ready = ask("GET", town_->api("/readyz"));
    return ready.status == 503 &&
           ready.body.find(R"("intake":"the store can't take events)") != std::string::npos;
  }));
  EXPECT_EQ(town_->metric("vozex_store_ok"), 0);
  work.reset();
  other.reset();
  EXPECT_TRUE(town_->wait_until_ready());
  EXPECT_TRUE(eventually([&] { return town_->metric("vozex_store_ok") == 1; }))
      << "also when nobody comes";
  EXPECT_TRUE(eventually([&] { return town_->checkout("o-1").status / 100 == 2; }));
  for (const char* order : {"o-0", "o-1"})
    EXPECT_EQ(town_->buyer(page_of(order), "pay").status, 200);
  account_for(*town_, 2);
}

// Two processes and an order that waits for its payment. All that is asked while nothing changes is
// each process's heartbeat, one statement.
TEST_F(OwnDatabase, AtRestNothingIsAskedButHeartbeats) {
  database_ = std::make_unique<PrivateServer>(
      std::vector<std::string>{"shared_preload_libraries = 'pg_stat_statements'"});
  open_town();
  database_->execute("CREATE EXTENSION pg_stat_statements");
  EXPECT_EQ(town_->checkout("o-0").status, 201);
  const std::string of_ours =
      " FROM pg_stat_statements WHERE userid = 'vozex'::regrole AND toplevel AND query ";
  const std::string beat = "LIKE 'WITH RECURSIVE c(owner)%UPDATE sessions SET beat_at%'";
  const auto beats = [&] {
    return database_->number("SELECT coalesce(sum(calls), 0)::int8" + of_ours + beat);
  };
  // What else was asked while both beat 44 times together: 11 seconds, in which every chore that
  // has its turn several times a minute would show.
  const auto others = [&] {
    database_->execute("SELECT pg_stat_statements_reset()");
    EXPECT_TRUE(eventually([&] { return beats() >= 44; }));
    return database_->text("SELECT string_agg(query, E'\\n')" + of_ours + "NOT " + beat);
  };
  std::string last;
  EXPECT_TRUE(eventually([&] { return (last = others()).empty(); }, std::chrono::seconds(120)))
      << last;
}

// PostgreSQL says so with 53100, here by a trigger.
TEST_F(OwnDatabase, AFullDiskStopsIntakeUntilThereIsRoom) {
  open_town();
  Shoppers shoppers(*town_, k_orders, 6);
  ASSERT_TRUE(shoppers.reach(0.3));
  database_->execute(
      "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
      "RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; "
      "END $$; "
      "CREATE TRIGGER full_disk BEFORE INSERT ON history FOR EACH STATEMENT "
      "EXECUTE FUNCTION full_disk()",
      "shop");
  const Answer refused = refused_checkout("o-full");
  expect_refused(refused);
  EXPECT_EQ(refused.value()["code"], "store_full");
  EXPECT_NE(refused.body.find("the database has no room"), std::string::npos) << refused.body;
  EXPECT_EQ(town_->get("/v1/instances").status, 200) << "what is there can be read";
  database_->execute("DROP TRIGGER full_disk ON history", "shop");
  finish(shoppers);
  EXPECT_EQ(town_->get("/v1/instances/order/o-full").status, 404) << "nothing was done";
}

// The standby has what was acknowledged, because the primary waits for it.
TEST_F(OwnDatabase, AStandbyIsPromotedUnderLoad) {
  static_cast<void>(database_->url());
  const auto standby = database_->standby();
  database_->execute("ALTER SYSTEM SET synchronous_standby_names = 'standby'");
  database_->execute("SELECT pg_reload_conf()");
  ASSERT_TRUE(eventually([&] {
    return database_->number(
               "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == 1;
  }));
  town_ = std::make_unique<Town>(
      PrivateServer::url_of_any({database_.get(), standby.get()}),
      std::vector<std::string>{"--session-lease", "3s", "--session-beat", "500ms"},
      k_servers);
  Shoppers shoppers(*town_, k_orders, 6);
  ASSERT_TRUE(shoppers.reach(0.4));
  ASSERT_TRUE(database_->stop("immediate")) << database_->log();
  ASSERT_TRUE(standby->promote()) << standby->log();
  finish(shoppers);
  EXPECT_EQ(
      standby->number("SELECT count(DISTINCT key) FROM finished WHERE workflow = 'order'", "shop") +
          standby->number("SELECT count(*) FROM instances WHERE workflow = 'order'", "shop"),
      k_orders);
}

}  // namespace
}  // namespace vozex::api_test

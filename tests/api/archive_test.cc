// SPDX-License-Identifier: Apache-2.0
// `vozex archive` and `vozex migrate --distribute` as ops run them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>

#include "adapters/archive/gzip.h"
#include "tests/api/timed_town.h"

namespace vozex::api_test {
namespace {

using ::testing::HasSubstr;

constexpr const char* k_note = R"(
vozex: 1
workflow: note
version: 1
key: input.name
input: {name: string}
output: {name: string}
events:
  note.done: {data: {name: string}, match: event.data.name}
initial: open
states:
  open:
    on: {note.done: closed}
  closed: {type: final, output: {name: "${input.name}"}}
)";

Answer end_note(const Town& town, const std::string& name, const std::string& id) {
  return town.post("/v1/events",
                   {{"specversion", "1.0"},
                    {"id", id},
                    {"source", "/tests"},
                    {"type", "note.done"},
                    {"data", {{"name", name}}}});
}

class ArchiveCommand : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (!is_available(GetParam())) GTEST_SKIP() << "no VOZEX_TEST_POSTGRES";
    town_ = std::make_unique<Town>(GetParam());
  }
  Outcome archive(std::vector<std::string> more) {
    std::vector<std::string> words = {"archive"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words, town_->environment());
  }
  std::unique_ptr<Town> town_;
};

INSTANTIATE_TEST_SUITE_P(Stores,
                         ArchiveCommand,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& one) { return name_of(one.param); });

TEST_P(ArchiveCommand, MovesWhatHasEndedAndShowsIt) {
  const json files = {{"files", {{{"name", "note.yaml"}, {"text", k_note}}}}};
  const Answer deployed = town_->post("/v1/workflows", files);
  ASSERT_EQ(deployed.status / 100, 2) << deployed.body;
  for (const char* name : {"n-0", "n-1"}) {
    const Answer started =
        town_->post("/v1/instances", {{"workflow", "note"}, {"input", {{"name", name}}}});
    ASSERT_EQ(started.status / 100, 2) << started.body;
  }
  const std::string id = town_->instance("note", "n-0")["id"];
  const Answer closed = end_note(*town_, "n-0", "e-1");
  ASSERT_EQ(closed.status, 200) << closed.body;
  EXPECT_EQ(town_->database().count("SELECT count(*) FROM finished"), 1);
  town_->server().kill(SIGTERM);
  EXPECT_EQ(town_->server().wait(), 0);

  const std::string folder = town_->folder() / "archive";
  std::vector<std::string> words = {
      "--store", town_->database().url(), "--to", folder, "--ended", "1h"};
  EXPECT_THAT(archive(words).err, HasSubstr("archived 0 instances"));
  words.back() = "0s";
  const Outcome moved = archive(words);
  EXPECT_EQ(moved.code, 0) << moved.err;
  EXPECT_THAT(moved.err, HasSubstr("archived 1 instances in 1 files"));
  EXPECT_EQ(town_->database().count("SELECT count(*) FROM finished"), 0);
  EXPECT_EQ(town_->database().count("SELECT count(*) FROM instances"), 1) << "n-1";

  const Outcome shown = archive({"show", id, "--from", folder});
  EXPECT_EQ(shown.code, 0) << shown.err;
  const json record = json::parse(shown.out, nullptr, false);
  EXPECT_EQ(record["key"], "n-0");
  EXPECT_EQ(record["life"], "completed");
  EXPECT_EQ(record["output"], (json{{"name", "n-0"}}));
  EXPECT_EQ(record["history"].size(), record["seq"]);
  EXPECT_EQ(archive({"show", "n-0", "--from", folder}).code, 2) << "no id";
  EXPECT_EQ(archive({"show", "0197c1d2-6f00-7c3e-9d2b-5a1f0e8b7c64", "--from", folder}).code, 3);

  town_->start_server();
  ASSERT_TRUE(town_->wait_until_ready());
  EXPECT_EQ(town_->get("/v1/instances/" + id).status, 404);
  EXPECT_EQ(town_->state_of("note", "n-1"), "open");
  // Its key is still known.
  const Answer late = end_note(*town_, "n-0", "e-2");
  EXPECT_THAT(late.body, HasSubstr("ended")) << late.status;
}

// By the server itself, while it serves: rounds of notes come and go, and of each round nothing but
// the keys stays. PostgreSQL also drops months that are over and empty.
TEST_P(ArchiveCommand, AServerDoesItByItselfAndItsTablesStaySmall) {
  const TemporaryFolder folder;
  write_text(folder / "vozex.yaml", "retention: {ended: 0s, every: 1s, archive: kept}\n");
  town_ = std::make_unique<Town>(GetParam(),
                                 std::vector<std::string>{"--config", folder / "vozex.yaml"});
  const json files = {{"files", {{{"name", "note.yaml"}, {"text", k_note}}}}};
  ASSERT_EQ(town_->post("/v1/workflows", files).status / 100, 2);
  const auto& database = town_->database();
  const auto months = [&] {
    return database.count("SELECT count(*) FROM pg_inherits WHERE inhparent = 'history'::regclass");
  };
  long months_ahead = 0;
  if (GetParam() == Kind::postgres) {
    months_ahead = months();
    EXPECT_EQ(database.count("SELECT maintain_v1(now() - interval '9 months')"), 12);
  }
  constexpr int k_rounds = 3;
  constexpr int k_notes = 20;
  for (int round = 0; round < k_rounds; ++round) {
    for (int note = 0; note < k_notes; ++note) {
      const std::string name = "r" + std::to_string(round) + "-" + std::to_string(note);
      ASSERT_EQ(
          town_->post("/v1/instances", {{"workflow", "note"}, {"input", {{"name", name}}}}).status /
              100,
          2);
      if (note == 0) continue;
      ASSERT_EQ(end_note(*town_, name, name).status, 200);
    }
    EXPECT_TRUE(eventually([&] { return database.count("SELECT count(*) FROM finished") == 0; }));
    EXPECT_EQ(database.count("SELECT count(*) FROM instances"), round + 1) << "one of each lives";
    EXPECT_EQ(database.count("SELECT count(*) FROM history"), round + 1);
  }
  if (GetParam() == Kind::postgres) {
    EXPECT_TRUE(eventually([&] { return months() == months_ahead; })) << months();
  }
  int lines = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "kept")) {
    if (entry.path().extension() != ".gz") continue;
    const auto count = [&](const std::string&) { return ++lines > 0; };
    EXPECT_TRUE(archive::read_gzip_lines(entry.path(), count).has_value());
  }
  EXPECT_EQ(lines, k_rounds * (k_notes - 1));
}

class ArchiveTime : public TimedTown {
 protected:
  // Waits until the server has looked for what may go.
  bool looks_again() const {
    const std::size_t before = town_->server_log().size();
    return eventually([&] {
      return town_->server_log().find("retention: archived", before) != std::string::npos;
    });
  }
};
INSTANTIATE_TEST_SUITE_P(Stores,
                         ArchiveTime,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& one) { return name_of(one.param); });

// One ends on the first day, one on the second, and what has ended is kept for two.
TEST_P(ArchiveTime, WhatEndedLongEnoughAgoGoesAndWhatIsYoungerStays) {
  ASSERT_NO_FATAL_FAILURE(open({.begins = "2026-03-01T00:00:00Z",
                                .files = {{"note.yaml", k_note}},
                                .config = "retention: {ended: 2d, every: 1s, archive: kept}\n"}));
  std::vector<std::string> ids;
  for (const char* name : {"old", "young", "open"}) {
    ASSERT_NO_FATAL_FAILURE(start("note", {{"name", name}}));
    ids.push_back(town_->instance("note", name)["id"]);
  }
  const auto& database = town_->database();
  const auto finished = [&] { return database.count("SELECT count(*) FROM finished"); };
  const auto is_archived = [&](const std::string& id) {
    return run({"archive", "show", id, "--from", folder_ / "kept"}).code == 0;
  };
  ASSERT_EQ(end_note(*town_, "old", "e-1").status, 200);
  ASSERT_NO_FATAL_FAILURE(pass_to("2026-03-02T12:00:00Z"));
  ASSERT_EQ(end_note(*town_, "young", "e-2").status, 200);
  ASSERT_NO_FATAL_FAILURE(pass_to("2026-03-02T23:50:00Z"));
  ASSERT_TRUE(looks_again());
  EXPECT_EQ(finished(), 2) << "nearly two days are not two";
  ASSERT_NO_FATAL_FAILURE(pass_to("2026-03-03T00:20:00Z"));
  ASSERT_TRUE(eventually([&] { return finished() == 1; }));
  EXPECT_EQ(town_->get("/v1/instances/" + ids[0]).status, 404);
  EXPECT_EQ(town_->state_of("note", "young"), "closed");
  EXPECT_TRUE(is_archived(ids[0]));
  EXPECT_FALSE(is_archived(ids[1]));
  ASSERT_NO_FATAL_FAILURE(pass_to("2026-03-04T12:20:00Z"));
  ASSERT_TRUE(eventually([&] { return finished() == 0; }));
  EXPECT_TRUE(is_archived(ids[1]));
  EXPECT_EQ(database.count("SELECT count(*) FROM history"), 1) << "of the one that lives";
  EXPECT_EQ(town_->state_of("note", "open"), "open");
}

TEST_P(ArchiveCommand, SaysWhatItNeeds) {
  const std::string& url = town_->database().url();
  const Outcome nothing = archive({"--store", url});
  EXPECT_EQ(nothing.code, 2);
  EXPECT_THAT(nothing.err, HasSubstr("--ended 90d"));
  EXPECT_EQ(archive({"--store", url, "--ended", "soon"}).code, 2);
  for (const char* too_short : {"1h", "31d"}) {
    const Outcome refused = archive({"--store", url, "--marks", too_short});
    EXPECT_NE(refused.code, 0);
    EXPECT_THAT(refused.err, HasSubstr("expected at least 32d"));
  }
}

// The example of docs/retention.md.
TEST_P(ArchiveCommand, TakesTheConfigurationOfTheDocumentation) {
  const std::string page = read_text(VOZEX_SOURCE_DIR "/docs/retention.md");
  const std::size_t begin = page.find("```yaml\n") + 8;
  std::string config = page.substr(begin, page.find("```", begin) - begin);
  const std::string folder = "/var/lib/vozex/archive";
  ASSERT_NE(config.find(folder), std::string::npos);
  config.replace(config.find(folder), folder.size(), "archive");
  town_->server().kill(SIGTERM);
  EXPECT_EQ(town_->server().wait(), 0);
  write_text(town_->folder() / "vozex.yaml", config + "store: " + town_->database().url() + "\n");
  const Outcome moved = archive({"--config", town_->folder() / "vozex.yaml"});
  EXPECT_EQ(moved.code, 0) << moved.err;
  EXPECT_THAT(moved.err, HasSubstr((town_->folder() / "archive") + ")")) << "beside the file";
}

TEST_P(ArchiveCommand, DistributeIsRefusedWithWhatToDo) {
  const Outcome refused =
      run({"migrate", "--store", town_->database().url(), "--distribute"}, town_->environment());
  if (GetParam() == Kind::sqlite) {
    EXPECT_EQ(refused.code, 6) << "the server has the file: " << refused.err;
    return;
  }
  if (refused.code == 0) GTEST_SKIP() << "this server has citus";
  EXPECT_EQ(refused.code, 6) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("citus"));
}

}  // namespace
}  // namespace vozex::api_test

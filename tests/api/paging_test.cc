// SPDX-License-Identifier: Apache-2.0
// Lists that are longer than a page: over HTTP page by page, on the command line to their end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/town.h"

namespace vozex::api_test {
namespace {

class Paging : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (!is_available(GetParam())) GTEST_SKIP() << "no VOZEX_TEST_POSTGRES";
    town_ = std::make_unique<Town>(GetParam());
  }

  // The ids of a list, page by page, in its order; each page but the last is full.
  std::vector<std::string> ids(const std::string& path, std::size_t limit) {
    std::vector<std::string> all;
    std::string after;
    for (;;) {
      const json page = town_
                            ->get(path + "?limit=" + std::to_string(limit) +
                                  (after.empty() ? "" : "&after=" + after))
                            .value();
      for (const json& item : page["items"]) all.push_back(item["id"]);
      if (!page.contains("next")) return all;
      EXPECT_EQ(page["items"].size(), limit);
      after = page["next"];
    }
  }

  std::unique_ptr<Town> town_;
};
INSTANTIATE_TEST_SUITE_P(Stores,
                         Paging,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& one) { return name_of(one.param); });

TEST_P(Paging, BatchesComeNewestFirstWithoutGapOrRepetition) {
  constexpr std::size_t k_batches = 205;  // the command line asks for 200 at once
  std::vector<std::string> made;
  for (std::size_t i = 0; i < k_batches; ++i) {
    const Answer answer = town_->post("/v1/batches",
                                      {{"operation", "cancel"},
                                       {"query", {{"workflow", "order"}, {"key", "nobody"}}},
                                       {"reason", "number " + std::to_string(i)}});
    ASSERT_EQ(answer.status, 201) << answer.body;
    made.insert(made.begin(), answer.value()["id"].get<std::string>());
  }
  EXPECT_EQ(ids("/v1/batches", 200), made);
  EXPECT_EQ(ids("/v1/batches", 41), made) << "five pages that are all full, and an empty one";
  EXPECT_EQ(ids("/v1/batches", 50), made);
  const json after_all = town_->get("/v1/batches?after=" + made.back()).value();
  EXPECT_TRUE(after_all["items"].empty());
  EXPECT_FALSE(after_all.contains("next"));
  EXPECT_EQ(town_->get("/v1/batches?after=soon").status, 422);

  const Outcome listed = run({"batch", "ls", "-o", "json"},
                             {{"VOZEX_URL", town_->api("")}, {"VOZEX_API_KEY", town_->key()}});
  ASSERT_EQ(listed.code, 0) << listed.err;
  std::vector<std::string> shown;
  for (const json& one : json::parse(listed.out)) shown.push_back(one["id"]);
  EXPECT_EQ(shown, made);
}

}  // namespace
}  // namespace vozex::api_test

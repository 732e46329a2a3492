// SPDX-License-Identifier: Apache-2.0
// The catalogue through the real program on a real database: from files and over the API.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/town.h"

namespace vozex::api_test {
namespace {

using ::testing::HasSubstr;

class Catalog : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (!is_available(GetParam())) GTEST_SKIP() << "no VOZEX_TEST_POSTGRES";
    town_ = std::make_unique<Town>(GetParam());
  }

  Outcome vozex(std::vector<std::string> words) {
    words.insert(words.begin(), "catalog");
    return run(words, {{"VOZEX_URL", town_->api("")}, {"VOZEX_API_KEY", town_->key()}});
  }

  Answer put(const std::string& path, const json& body, const Headers& more = {}) {
    Headers headers = {"authorization: Bearer " + town_->key(), "content-type: application/json"};
    headers.insert(headers.end(), more.begin(), more.end());
    return ask("PUT", town_->api(path), body.dump(), headers);
  }

  std::unique_ptr<Town> town_;
};

INSTANTIATE_TEST_SUITE_P(Stores,
                         Catalog,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& one) { return name_of(one.param); });

const std::string k_shipped = VOZEX_SOURCE_DIR "/catalog";

TEST_P(Catalog, TheShippedOneIsAppliedOnceAndShown) {
  EXPECT_EQ(vozex({"diff", k_shipped}).code, 1);
  const Outcome would = vozex({"apply", k_shipped, "--dry-run"});
  EXPECT_EQ(would.code, 0) << would.err;
  EXPECT_THAT(would.err, HasSubstr("next: vozex catalog apply"));
  EXPECT_EQ(json::parse(vozex({"ls", "-o", "json"}).out), json::array());

  const Outcome applied = vozex({"apply", k_shipped, "-o", "json", "--reason", "opening"});
  ASSERT_EQ(applied.code, 0) << applied.err << town_->server_log();
  for (const json& one : json::parse(applied.out)) EXPECT_EQ(one["change"], "created") << one;
  const json again = json::parse(vozex({"apply", k_shipped, "-o", "json"}).out);
  EXPECT_EQ(again.size(), 20u);
  for (const json& one : again) EXPECT_EQ(one["change"], "unchanged") << one;
  EXPECT_EQ(vozex({"diff", k_shipped}).code, 0);
  const json written = town_->get("/v1/audit?action=catalog.create").value()["items"];
  EXPECT_EQ(written.back()["reason"], "opening") << written.dump(2);

  const json products = json::parse(vozex({"ls", "-o", "json"}).out);
  EXPECT_EQ(products.size(), 16u);
  EXPECT_EQ(json::parse(vozex({"ls", "--kind", "tax", "-o", "json"}).out).size(), 2u);
  const json hotel = json::parse(vozex({"show", "hotel_management", "-o", "json"}).out);
  EXPECT_EQ(hotel["revision"], 1);
  EXPECT_EQ(hotel["changed_by"], "shop");
  EXPECT_EQ(hotel["document"]["fulfillment_config"]["health_path"], "/health");
  EXPECT_EQ(vozex({"show", "motel"}).code, 3);
}

TEST_P(Catalog, AFileThatBreaksRunningOffersIsRefusedAtItsLine) {
  ASSERT_EQ(vozex({"apply", k_shipped + "/products/gym_management.yaml"}).code, 0);
  std::string text = read_text(k_shipped + "/products/gym_management.yaml");
  const std::size_t begin = text.find("  - plan: studio");
  text.erase(begin, text.find("  - plan: club") - begin);
  const std::string file = town_->folder() / "gym.yaml";
  write_text(file, text);
  const Outcome refused = vozex({"apply", file});
  EXPECT_EQ(refused.code, 6) << refused.err;
  EXPECT_THAT(refused.out, HasSubstr("gym.yaml:14:1: error[breaks_offers]: the plan studio"));
  EXPECT_THAT(refused.out, HasSubstr("plans:"));  // the line is quoted
  write_text(file, "product: gym_management\ntitle: Gym\n");
  const Outcome incomplete = vozex({"apply", file});
  EXPECT_EQ(incomplete.code, 1);
  EXPECT_THAT(incomplete.out,
              HasSubstr("gym.yaml:1:1: error[catalog_invalid]: /category: this field is required"));
}

TEST_P(Catalog, IsEditedOverTheApi) {
  const json coupon = {{"coupon", "SPRING"}, {"title", "Spring"}, {"percent", 15}};
  const Answer created = put("/v1/coupons/SPRING", coupon);
  EXPECT_EQ(created.status, 201) << created.body;
  EXPECT_EQ(created.headers.at("etag"), "\"1\"");
  json more = coupon;
  more["percent"] = 20;
  EXPECT_EQ(put("/v1/coupons/SPRING", more, {"if-match: \"7\""}).status, 409);
  EXPECT_EQ(put("/v1/coupons/SPRING", more, {"if-match: seven"}).status, 422);
  const Answer changed = put("/v1/coupons/SPRING", more, {"if-match: \"1\""});
  EXPECT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(changed.value()["revision"], 2);
  EXPECT_EQ(changed.value()["document"]["percent"], 20);
  EXPECT_EQ(town_->get("/v1/coupons/SPRING").value()["document"]["percent"], 20);
  EXPECT_EQ(town_->get("/v1/coupons/AUTUMN").status, 404);
  EXPECT_EQ(town_->get("/v1/coupons/AUTUMN").value()["code"], "catalog_entry_not_found");
  EXPECT_EQ(put("/v1/coupons/AUTUMN", coupon).value()["errors"][0]["pointer"], "/coupon");

  const Answer wrong = put("/v1/products/pos", {{"product", "pos"}, {"title", 7}});
  EXPECT_EQ(wrong.status, 422);
  EXPECT_EQ(wrong.value()["code"], "catalog_invalid");
  bool title = false;
  const json said = wrong.value();
  for (const json& error : said["errors"]) title = title || error["pointer"] == "/title";
  EXPECT_TRUE(title) << wrong.body;
  EXPECT_EQ(town_->get("/v1/products").value()["items"], json::array());
}

TEST_P(Catalog, SeveralDocumentsAreTakenTogetherOrNot) {
  const json good = {{"tax", "FR"}, {"title", "TVA"}, {"basis_points", 2000}};
  const json bad = {{"tax", "IT"}, {"title", "IVA"}, {"basis_points", 99999}};
  const Answer refused = town_->post("/v1/catalog", {{"documents", {good, bad}}});
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(refused.value()["errors"][0]["pointer"], "/documents/1/basis_points");
  EXPECT_EQ(town_->get("/v1/taxes").value()["items"], json::array());
  EXPECT_EQ(town_->post("/v1/catalog", {{"documents", {good}}, {"dryrun", true}}).status, 422);
  const Answer taken = town_->post("/v1/catalog", {{"documents", {good}}});
  EXPECT_EQ(taken.status, 200) << taken.body;
  EXPECT_EQ(taken.value()["items"][0]["change"], "created");
  // Pages.
  json many = json::array();
  for (char c = 'A'; c <= 'E'; ++c)
    many.push_back({{"tax", std::string("X") + c}, {"title", "Tax"}, {"basis_points", 100}});
  ASSERT_EQ(town_->post("/v1/catalog", {{"documents", many}}).status, 200);
  const json page = town_->get("/v1/taxes?limit=2").value();
  EXPECT_EQ(page["next"], "XA");
  const json next = town_->get("/v1/taxes?limit=2&after=XA").value();
  EXPECT_EQ(next["items"][0]["id"], "XB");
  EXPECT_EQ(town_->all("/v1/taxes").size(), 6u);
  const json written = town_->get("/v1/audit?action=catalog.create").value()["items"];
  ASSERT_EQ(written.size(), 4u) << written.dump(2);
  EXPECT_EQ(written[0]["target"], "tax XA, tax XB, tax XC, tax XD, tax XE");
  EXPECT_EQ(written[1]["target"], "tax FR");
  EXPECT_EQ(written[3]["status"], 422) << "what was refused changed nothing";
  EXPECT_EQ(written[3].value("target", ""), "");
}

}  // namespace
}  // namespace vozex::api_test

// SPDX-License-Identifier: Apache-2.0
// A catalogue's files on the command line: every complaint with its file, line and column; and the
// catalogue that is shipped.
#include "api/cli/catalog_files.h"

#include <gmock/gmock.h>

#include <set>

#include "engine/language/yaml_reader.h"
#include "engine/types/json.h"
#include "tests/unit/cli/program.h"

namespace vozex::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::UnorderedElementsAreArray;

constexpr const char* k_yaml = R"(product: pos
price: {USD: 100, "a/b": true}
plans:
  - plan: starter
    features: [orders, "12"]
  - plan: pro
)";

language::Node tree() {
  std::vector<Diagnostic> problems;
  auto root = language::read_yaml(language::SourceText("x.yaml", k_yaml), problems);
  EXPECT_TRUE(root && problems.empty());
  return *root;
}

std::string place(const char* pointer) {
  const Span span = place_of(tree(), pointer).span;
  return std::to_string(span.line) + ":" + std::to_string(span.column);
}

TEST(CatalogFiles, AFileIsAValue) {
  EXPECT_EQ(types::to_json(value_of(tree())),
            R"({"plans":[{"features":["orders","12"],"plan":"starter"},{"plan":"pro"}],)"
            R"("price":{"USD":100,"a/b":true},"product":"pos"})");
}

TEST(CatalogFiles, APointerHasAPlaceInTheFile) {
  EXPECT_EQ(place("/product"), "1:10");
  EXPECT_EQ(place("/price"), "2:1");
  EXPECT_EQ(place("/price/USD"), "2:14");
  EXPECT_EQ(place("/price/a~1b"), "2:26");
  EXPECT_EQ(place("/plans/0/features/1"), "5:24");
  EXPECT_EQ(place("/plans/1"), "6:5");
  // What isn't there: the nearest thing around it.
  EXPECT_EQ(place("/title"), "1:1");
  EXPECT_EQ(place("/plans/1/price"), "6:5");
  EXPECT_EQ(place("/plans/7"), "3:1");
  EXPECT_EQ(place(""), "1:1");
}

class CatalogCommand : public ProgramRun {};

TEST_F(CatalogCommand, TheShippedCatalogueIsRightAndHasEveryProductType) {
  const auto files = read_catalog({VOZEX_SOURCE_DIR "/catalog"});
  ASSERT_TRUE(files);
  EXPECT_TRUE(files->diagnostics.empty());
  std::set<std::string> found;
  std::set<std::string> models;
  for (const CatalogFile& file : files->files) {
    if (const auto type = file.document.text_at("type"); !type.empty()) found.emplace(type);
    if (const auto model = file.document.text_at("delivery_model"); !model.empty())
      models.emplace(model);
  }
  EXPECT_THAT(found,
              UnorderedElementsAreArray({"restaurant_pos",
                                         "retail_pos",
                                         "service_pos",
                                         "hotel",
                                         "salon",
                                         "gym",
                                         "clinic",
                                         "restaurant_management",
                                         "software_download",
                                         "development_tools",
                                         "analytics_platform",
                                         "security_tools",
                                         "design",
                                         "mobile_development",
                                         "web_development",
                                         "technical_support"}));
  EXPECT_EQ(models.size(), 7u);  // every delivery model has a product
  EXPECT_EQ(run("catalog validate " VOZEX_SOURCE_DIR "/catalog"), 0) << out_ << err_;
}

TEST_F(CatalogCommand, EveryMistakeIsSaidWithItsPlace) {
  file("pos.yaml", R"(product: pos
title: Point of sale
type: restaurant_pos
category: saas
delivery_model: saas_multitenant
recurring: true
price: {USD: 1000}
plans:
  - {plan: starter, title: Starter, price: {USD: 100}, features: [oders]}
features:
  - {feature: orders, title: Orders, price: {USD: 0}}
gateways: {enabled: [dodo, cash]}
fulfillment_config:
  provider: tables
  base_url: http://tables.example
  auth_mode: hmac
  credentials_ref: TABLES
)");
  EXPECT_EQ(run("catalog validate pos.yaml"), 1);
  EXPECT_THAT(out_,
              HasSubstr("pos.yaml:1:1: error[catalog_invalid]: /cycles: expected at least one of"));
  EXPECT_THAT(out_, HasSubstr("pos.yaml:9:67: error[catalog_invalid]: no such feature: oders"));
  EXPECT_THAT(out_, HasSubstr("pos.yaml:12:28: error[catalog_invalid]: expected dodo, paypal"));
  EXPECT_THAT(out_, HasSubstr("pos.yaml:15:13: error[catalog_invalid]: expected https://"));
  EXPECT_THAT(out_, HasSubstr("expected what dodo calls this plan, by cycle and currency"));
  EXPECT_THAT(err_, HasSubstr("5 problems in 1 file"));
}

TEST_F(CatalogCommand, TheExamplesOfTheDocsAreRight) {
  std::ifstream docs(VOZEX_SOURCE_DIR "/docs/catalog.md");
  const std::string page(std::istreambuf_iterator<char>(docs), {});
  constexpr std::string_view k_fence = "```yaml\n";
  int count = 0;
  for (std::size_t at = page.find(k_fence); at != std::string::npos;
       at = page.find(k_fence, at + 1)) {
    const std::size_t begin = at + k_fence.size();
    file("docs/" + std::to_string(++count) + ".yaml",
         page.substr(begin, page.find("```", begin) - begin));
  }
  EXPECT_EQ(count, 4);
  EXPECT_EQ(run("catalog validate docs"), 0) << out_;
}

TEST_F(CatalogCommand, AFileThatIsNoYamlIsSaidSo) {
  file("pos.yaml", "product: pos\n  title: x\n");
  EXPECT_EQ(run("catalog validate pos.yaml"), 1);
  EXPECT_THAT(out_, HasSubstr("pos.yaml:2:"));
}

}  // namespace
}  // namespace vozex::cli

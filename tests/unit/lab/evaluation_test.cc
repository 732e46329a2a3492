// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/evaluation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/lab/error_pages.h"

namespace vozex::lab {
namespace {

using ::testing::HasSubstr;

TEST(Evaluation, KindsThatJsonLacksHaveTheirDocumentedForm) {
  const auto answer = [](const std::string& expression, EvalForm form = {}) {
    return eval_line("{\"expr\": \"" + expression + "\"}", form);
  };
  EXPECT_EQ(answer("1"), "{\"value\":1}");
  EXPECT_EQ(answer("1.0"), "{\"value\":1.0}");
  EXPECT_EQ(answer("1u"), "{\"value\":1}");
  EXPECT_EQ(answer("b'abc'"), "{\"value\":\"YWJj\"}");
  EXPECT_EQ(answer("duration('1h')"), "{\"value\":\"3600s\"}");
  EXPECT_EQ(answer("timestamp('2026-01-01T00:00:00Z')"), "{\"value\":\"2026-01-01T00:00:00Z\"}");
  EXPECT_EQ(answer("optional.none()"), "{\"value\":null}");
  EXPECT_EQ(answer("1u", {true, true}), "{\"type\":\"uint\",\"value\":{\"$uint\":\"1\"}}");
  EXPECT_EQ(answer("duration('1h')", {true, false}), "{\"value\":{\"$duration\":\"3600s\"}}");
}

TEST(Evaluation, VariablesAreDynamicAndMayBeTagged) {
  EXPECT_EQ(eval_line(R"x({"expr": "t + duration('1h') > t && n == 2", )x"
                      R"x("vars": {"t": {"$timestamp": "2026-01-01T00:00:00Z"}, "n": 2}})x",
                      {}),
            "{\"value\":true}");
  EXPECT_THAT(eval_line(R"({"expr": "t", "vars": {"t": {"$timestamp": "soon"}}})", {}),
              HasSubstr("\"code\":\"corrupt_value\""));
}

TEST(Evaluation, SaysWhereAMistakeIsAndAllOfThem) {
  const std::string answer = eval_line(R"({"expr": "a +\n  bb + cc", "vars": {"a": 1}})", {});
  EXPECT_THAT(answer, HasSubstr("\"code\":\"VZ0310\",\"column\":3"));
  EXPECT_THAT(answer, HasSubstr("\"line\":2"));
  EXPECT_THAT(answer, HasSubstr("\"problems\":["));
}

TEST(Evaluation, AnswersWhateverTheLineIs) {
  for (const char* line : {"", "{", "[]", "{}", "{\"expr\": 1}", "{\"expr\": \"a\", \"vars\": []}"})
    EXPECT_THAT(eval_line(line, {}), HasSubstr("{\"error\":{\"code\":")) << line;
  const std::string deep = std::string(100'000, '[');
  EXPECT_THAT(eval_line(deep, {}), HasSubstr("malformed_json"));
  EXPECT_THAT(eval_line("{\"expr\": \"" + std::string(20'000, '(') + "\"}", {}),
              HasSubstr("VZ0307"));
}

TEST(Evaluation, BoundsItsWork) {
  const std::string line =
      R"x({"expr": "l.all(a, l.all(b, l.all(c, l.all(d, l.all(e, true)))))",)x"
      R"x( "vars": {"l": [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]}})x";
  EXPECT_THAT(eval_line(line, {}), HasSubstr("cost_exceeded"));
}

TEST(ErrorPages, AreAllThereInOrder) {
  std::string_view before;
  for (const ErrorPage& page : error_pages()) {
    EXPECT_LT(before, page.code);
    EXPECT_FALSE(page.meaning().empty()) << page.code;
    EXPECT_TRUE(page.text.starts_with("# " + std::string(page.code) + ": ")) << page.code;
    before = page.code;
  }
  EXPECT_GT(error_pages().size(), 80u);
}

TEST(ErrorPages, AreFoundByCodeNumberAndWord) {
  ASSERT_NE(find_error_page("vz0201"), nullptr);
  EXPECT_EQ(find_error_page("201")->code, "VZ0201");
  EXPECT_EQ(find_error_page("error"), nullptr);
  EXPECT_EQ(find_error_page(std::string(100'000, 'x')), nullptr);
  EXPECT_LE(error_pages_near("VZ0299").size(), k_max_near);
  ASSERT_FALSE(error_pages_near("cyclic").empty() && error_pages_near("itself").empty());
}

}  // namespace
}  // namespace vozex::lab

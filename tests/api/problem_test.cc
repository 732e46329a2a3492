// SPDX-License-Identifier: Apache-2.0
// What a problem says leads on: its `type` is a page of the server that answered, with a section of
// its code.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/town.h"

namespace vozex::api_test {
namespace {

using ::testing::HasSubstr;

class ProblemTest : public ::testing::Test {
 protected:
  Town town_{Kind::sqlite};

  // Follows the `type` of a problem as a browser does: without a key, the fragment stays here.
  void expect_page(const Answer& problem, const std::string& code) {
    SCOPED_TRACE(problem.body);
    EXPECT_EQ(problem.headers.at("content-type"), "application/problem+json");
    const json body = problem.value();
    EXPECT_EQ(body["code"], code);
    const std::string type = body["type"];
    const std::size_t mark = type.find('#');
    ASSERT_NE(mark, std::string::npos) << type;
    const Answer page = ask("GET", town_.api(type.substr(0, mark)));
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.headers.at("content-type"), "text/html; charset=utf-8");
    EXPECT_THAT(page.body, HasSubstr("<a id=\"" + type.substr(mark + 1) + "\""));
    EXPECT_EQ(type.substr(mark + 1), code);
  }
};

TEST_F(ProblemTest, TheTypeLeadsToTheSectionOfItsCode) {
  expect_page(town_.get("/v1/instances/01900000-0000-7000-8000-000000000000"),
              "instance_not_found");
  expect_page(town_.get("/v1/instances?lief=running"), "invalid_query");
  expect_page(town_.get("/v1/nothing"), "no_such_page");
  expect_page(town_.post("/v1/workflows/order/1", json::object()), "method_not_allowed");
  expect_page(town_.post("/v1/instances", {{"workflow", "nobody"}, {"input", json::object()}}),
              "unknown_workflow");
  expect_page(town_.post("/v1/instances", {{"workflow", "refund"}, {"input", json::object()}}),
              "invalid_input");
  expect_page(ask("GET", town_.api("/v1/instances")), "no_valid_key");
  expect_page(ask("POST", town_.api("/webhooks/stripe"), "{}"), "webhook_header_missing");
  expect_page(ask("GET", town_.api("/download/none")), "download_unknown");
}

TEST_F(ProblemTest, ThePagesSayWhatADiagnosticMeansAndLetNobodyWriteIntoThem) {
  const Answer page = ask("GET", town_.api("/docs/errors/VZ0201"));
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, HasSubstr("<h1>VZ0201: "));
  EXPECT_THAT(page.body, HasSubstr("<pre><code"));
  EXPECT_THAT(page.headers.at("content-security-policy"), HasSubstr("default-src 'none'"));
  const Answer none = ask("GET", town_.api("/docs/errors/%3Cscript%3E"));
  EXPECT_EQ(none.status, 404);
  EXPECT_EQ(none.headers.at("content-type"), "application/problem+json");
  expect_page(none, "no_such_page");
}

}  // namespace
}  // namespace vozex::api_test

// SPDX-License-Identifier: Apache-2.0
#include "engine/types/declare.h"

#include <gtest/gtest.h>

#include "engine/types/json.h"
#include "engine/types/validate.h"

namespace vozex::types {
namespace {

TypeRef shelf() {
  Declarations declare;
  declare.object("book",
                 {{"title", "string", {.min_length = 1}},
                  {"pages", "optional<int>", {.min = 1}},
                  {"lent", "bool", {}, Value::boolean(false)}});
  return declare.object("shelf", {{"books", "list<book>", {.max_length = 2}}});
}

std::string checked(const char* json) {
  const auto value = validate(*parse_json(json), *shelf(), Unknown::refuse);
  return value ? to_json(*value) : describe(value.error());
}

TEST(Declare, LaterTypesAreMadeOfEarlierOnes) {
  EXPECT_EQ(to_string(*shelf()), "shelf");
  EXPECT_EQ(checked(R"({"books": [{"title": "A"}]})"), R"({"books":[{"lent":false,"title":"A"}]})");
}

TEST(Declare, ConstraintsHoldAlsoInsideOptionals) {
  EXPECT_TRUE(
      checked(R"({"books": [{"title": "A", "pages": 0}]})").starts_with("/books/0/pages: "));
  EXPECT_TRUE(checked(R"({"books": [{"title": ""}]})").starts_with("/books/0/title: "));
  EXPECT_TRUE(checked(R"({"books": [{"title": "A"}, {"title": "B"}, {"title": "C"}]})")
                  .starts_with("/books: "));
}

}  // namespace
}  // namespace vozex::types

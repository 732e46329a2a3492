// SPDX-License-Identifier: Apache-2.0
#include "engine/types/schema.h"

#include <string>

#include <gtest/gtest.h>

#include "engine/types/json.h"
#include "engine/types/notation.h"

namespace vozex::types {
namespace {

TypeRef type(std::string_view notation) { return parse_type(notation, nullptr).value(); }

std::string schema(const Type& of, Unknown unknown = Unknown::drop) {
  SchemaDefinitions definitions;
  return to_json(schema_of(of, definitions, unknown));
}

TypeRef constrained(std::string_view notation, Constraints constraints) {
  Type result = *type(notation);
  result.constraints = std::move(constraints);
  return std::make_shared<Type>(std::move(result));
}

struct Case {
  const char* type;
  const char* schema;
};

TEST(Schema, EveryTypeOfTheNotation) {
  const Case k_cases[] = {
      {"json", "{}"},
      {"bool", R"({"type":"boolean"})"},
      {"int", R"({"type":"integer"})"},
      {"double", R"({"type":"number"})"},
      {"string", R"({"type":"string"})"},
      {"secret", R"({"type":"string","writeOnly":true})"},
      {"timestamp", R"({"format":"date-time","type":"string"})"},
      {"money", R"({"$ref":"#/$defs/money"})"},
      {"enum(a|b)", R"({"enum":["a","b"],"type":"string"})"},
      {"list<int>", R"({"items":{"type":"integer"},"type":"array"})"},
      {"map<list<bool>>",
       R"({"additionalProperties":{"items":{"type":"boolean"},"type":"array"},"type":"object"})"},
      {"optional<int>", R"({"type":["integer","null"]})"},
      {"optional<json>", "{}"},
      {"optional<enum(a)>", R"({"anyOf":[{"enum":["a"],"type":"string"},{"type":"null"}]})"},
      {"optional<money>", R"({"anyOf":[{"$ref":"#/$defs/money"},{"type":"null"}]})"},
  };
  for (const Case& c : k_cases) EXPECT_EQ(schema(*type(c.type)), c.schema) << c.type;
}

TEST(Schema, Constraints) {
  EXPECT_EQ(schema(*constrained("int", {.min = 0, .max = 10})),
            R"({"maximum":10.0,"minimum":0.0,"type":"integer"})");
  EXPECT_EQ(schema(*constrained("string", {.min_length = 1, .max_length = 3, .pattern = "a|b"})),
            R"({"maxLength":3,"minLength":1,"pattern":"^(?:a|b)$","type":"string"})");
  EXPECT_EQ(schema(*constrained("string", {.format = "email"})),
            R"({"format":"email","type":"string"})");
  EXPECT_EQ(schema(*constrained("list<json>", {.min_length = 1})),
            R"({"items":{},"minItems":1,"type":"array"})");
  EXPECT_EQ(schema(*constrained("map<json>", {.max_length = 2})),
            R"({"additionalProperties":{},"maxProperties":2,"type":"object"})");
}

TEST(Schema, ADocumentHasItsNamedTypesOnce) {
  const TypeRef line = object_of({{"sku", type("string"), {}, false, "stock keeping unit"},
                                  {"qty", type("int"), Value::integer(1), true, ""}},
                                 "line");
  const TypeRef order = object_of({{"lines", list_of(line), {}, false, ""},
                                   {"gift", optional_of(line), {}, false, "goes along"},
                                   {"total", type("money"), {}, false, ""}});
  EXPECT_EQ(to_pretty_json(json_schema(*order, "An order")), R"({
  "$defs": {
    "line": {
      "properties": {
        "qty": {
          "default": 1,
          "type": "integer"
        },
        "sku": {
          "description": "stock keeping unit",
          "type": "string"
        }
      },
      "required": [
        "sku"
      ],
      "title": "line",
      "type": "object"
    },
    "money": {
      "additionalProperties": false,
      "properties": {
        "currency": {
          "description": "ISO 4217 code",
          "pattern": "^[A-Z]{3}$",
          "type": "string"
        },
        "minor": {
          "description": "amount in the currency's minor unit",
          "type": "integer"
        }
      },
      "required": [
        "minor",
        "currency"
      ],
      "title": "money",
      "type": "object"
    }
  },
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "properties": {
    "gift": {
      "anyOf": [
        {
          "$ref": "#/$defs/line"
        },
        {
          "type": "null"
        }
      ],
      "description": "goes along"
    },
    "lines": {
      "items": {
        "$ref": "#/$defs/line"
      },
      "type": "array"
    },
    "total": {
      "$ref": "#/$defs/money"
    }
  },
  "required": [
    "lines",
    "total"
  ],
  "title": "An order",
  "type": "object"
})");
}

TEST(Schema, AnAuthorsFileTakesNoOtherFields) {
  EXPECT_EQ(schema(*object_of({}), Unknown::refuse),
            R"({"additionalProperties":false,"properties":{},"type":"object"})");
}

TEST(Schema, DefinitionsMayLiveElsewhere) {
  SchemaDefinitions components{"#/components/schemas/"};
  EXPECT_EQ(to_json(schema_of(*type("list<money>"), components)),
            R"({"items":{"$ref":"#/components/schemas/money"},"type":"array"})");
  EXPECT_EQ(components.named.size(), 1u);
}

TEST(Schema, TwoTypesOfOneNameAreKeptApart) {
  const TypeRef a = object_of({{"x", type("int"), {}, false, ""}}, "part");
  const TypeRef b = object_of({{"x", type("bool"), {}, false, ""}}, "part");
  SchemaDefinitions definitions;
  EXPECT_EQ(to_json(schema_of(*a, definitions)), R"({"$ref":"#/$defs/part"})");
  EXPECT_EQ(
      to_json(schema_of(*b, definitions)),
      R"({"properties":{"x":{"type":"boolean"}},"required":["x"],"title":"part","type":"object"})");
  EXPECT_EQ(to_json(schema_of(*a, definitions)), R"({"$ref":"#/$defs/part"})");
}

}  // namespace
}  // namespace vozex::types

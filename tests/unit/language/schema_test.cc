// SPDX-License-Identifier: Apache-2.0
// The grammar's tables and the JSON Schema made of them. That an editor's YAML server understands
// the schema is shown by tests/editor.
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "engine/language/grammar.h"
#include "engine/language/language_schema.h"
#include "engine/types/json.h"
#include "tests/unit/language/files.h"

namespace vozex::language {
namespace {

using types::Value;

void collect(const Schema& schema, std::set<const Schema*>& seen);

void collect(const Form& form, std::set<const Form*>& forms, std::set<const Schema*>& seen) {
  if (!forms.insert(&form).second) return;
  if (form.keys != nullptr) collect(*form.keys, seen);
  if (form.entry != nullptr) collect(*form.entry, forms, seen);
  if (form.item != nullptr) collect(*form.item, forms, seen);
}

void collect(const Schema& schema, std::set<const Schema*>& seen) {
  if (!seen.insert(&schema).second) return;
  std::set<const Form*> forms;
  for (const KeySpec& key : schema.keys) collect(*key.form, forms, seen);
}

std::set<const Schema*> all_schemas() {
  std::set<const Schema*> seen;
  for (const Schema* root :
       {&grammar::workflow, &grammar::shared_types, &grammar::adapter, &grammar::test_file}) {
    collect(*root, seen);
  }
  return seen;
}

void each_reference(const Value& value, const std::function<void(std::string_view)>& visit) {
  if (value.is_list()) {
    for (const Value& item : value.as_list()) each_reference(item, visit);
  } else if (value.is_map()) {
    if (const Value* target = value.find("$ref"); target != nullptr && target->is_string())
      visit(target->as_string());
    for (const Value::MapEntry& entry : value.as_map()) each_reference(entry.value, visit);
  }
}

TEST(Grammar, EveryKeyHasASentenceAndStandsOnce) {
  const auto schemas = all_schemas();
  EXPECT_GE(schemas.size(), 30U);
  for (const Schema* schema : schemas) {
    std::set<std::string_view> names;
    for (const KeySpec& key : schema->keys) {
      EXPECT_TRUE(names.insert(key.name).second) << schema->what << ": " << key.name;
      EXPECT_TRUE(key.doc.ends_with('.')) << schema->what << ": " << key.name << ": " << key.doc;
    }
  }
}

TEST(Grammar, SchemasHaveNamesOfTheirOwn) {
  std::set<std::string_view> ids;
  for (const Schema* schema : all_schemas()) {
    EXPECT_TRUE(ids.insert(schema->id).second) << schema->id;
  }
}

TEST(LanguageSchema, EveryReferenceLeadsToADefinition) {
  for (const FileKind kind : {FileKind::unknown,
                              FileKind::workflow,
                              FileKind::types_of,
                              FileKind::adapter,
                              FileKind::test}) {
    const Value schema = language_schema(kind);
    const Value* definitions = schema.find("$defs");
    ASSERT_NE(definitions, nullptr);
    std::size_t references = 0;
    each_reference(schema, [&](std::string_view target) {
      ++references;
      const std::string_view prefix = "#/$defs/";
      ASSERT_TRUE(target.starts_with(prefix)) << target;
      EXPECT_NE(definitions->find(target.substr(prefix.size())), nullptr) << target;
    });
    EXPECT_GT(references, 3U);
  }
}

TEST(LanguageSchema, HasTheKeysOfTheTablesAndTheirSentences) {
  const Value schema = language_schema(FileKind::workflow);
  const Value* state = schema.find("$defs")->find("state");
  ASSERT_NE(state, nullptr);
  for (const KeySpec& key : grammar::state.keys) {
    const Value* property = state->find("properties")->find(key.name);
    ASSERT_NE(property, nullptr) << key.name;
    EXPECT_EQ(property->text_at("description"), key.doc);
  }
  EXPECT_EQ(types::to_json(*state->find("properties")->find("outcome")->find("enum")),
            R"(["completed","failed","cancelled"])");
  EXPECT_EQ(types::to_json(*state->find("additionalProperties")), "false");
}

// What the tables call required is what the compiler asks for.
TEST(LanguageSchema, RequiresWhatTheCompilerRequires) {
  const std::string whole[] = {
      "vozex: 1\n", "workflow: door\n", "version: 1\n", "states: {a: {}}\n"};
  const auto compiles_without = [&](std::string_view left_out) {
    std::string text;
    for (const std::string& line : whole)
      text += line.starts_with(std::string(left_out) + ":") ? "" : line;
    return !has_errors(compile({{{"door.yaml", text}}}).diagnostics);
  };
  EXPECT_TRUE(compiles_without("nothing"));
  for (const KeySpec& key : grammar::workflow.keys) {
    EXPECT_EQ(compiles_without(key.name), !key.required) << key.name;
  }
}

}  // namespace
}  // namespace vozex::language

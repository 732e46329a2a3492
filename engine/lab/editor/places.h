// SPDX-License-Identifier: Apache-2.0
//
// What the grammar and a tree have at a path, and which grammar is a file's. Pure.
// Tests: tests/unit/lab/editor_test.cc.
#pragma once

#include <string>
#include <string_view>

#include "engine/lab/editor/cursor.h"
#include "engine/language/compile.h"
#include "engine/language/grammar.h"
#include "engine/language/node.h"

namespace vozex::lab::editor {

// The table of a kind of file; test files by their name, too.
const language::Schema& schema_of(language::FileKind kind);
language::FileKind kind_of_text(std::string_view name, std::string_view text);
// A file as a whole, by its table.
language::Form root_form(const language::Schema& schema);
// One step of the grammar; nullptr where it has nothing.
const language::Form* step_into(const language::Form& form, const Step& step);
// What may stand at a path; nullptr where the grammar has nothing.
const language::Form* form_at(const language::Schema& schema, const Path& path);
// The node there; nullptr for none.
const language::Node* node_at(const language::Node& root, const Path& path);
// "open.waiting" of states.open.states.waiting.on.x.
std::string state_of(const Path& path);

}  // namespace vozex::lab::editor

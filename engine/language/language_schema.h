// SPDX-License-Identifier: Apache-2.0
//
// JSON Schema 2020-12 of the language itself: what an editor checks, completes and explains while a
// file is written. Generated from grammar.h, so it has the keys that the compiler has, each with
// its sentence. It says what JSON Schema can say, keys, shapes, words and the look of names;
// whether a state, an event or a type exists is left to the compiler. Tests: tests/unit/language,
// tests/editor.
#pragma once

#include "engine/language/compile.h"
#include "engine/types/value.h"

namespace vozex::language {

// Of one kind of file; FileKind::unknown: of all of them, told apart by their first keys.
types::Value language_schema(FileKind kind = FileKind::unknown);

}  // namespace vozex::language

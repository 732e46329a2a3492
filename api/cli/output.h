// SPDX-License-Identifier: Apache-2.0
//
// Data on standard output, talk on standard error. Lists are tables for people, JSON or JSON lines
// for programs. Thread rule: one thread.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/types/value.h"

namespace vozex::cli {

enum class Format { table, json, jsonl };

// "table", "json", "jsonl".
Format format_of(std::string_view word);

// A list of objects. `columns` of a table: member names, dotted for members of members.
void print_list(const types::Value& list,
                Format format,
                std::initializer_list<const char*> columns);
// One object: its members line by line, or JSON.
void print_object(const types::Value& object, Format format);

// "1 file", "2 files".
std::string counted(std::size_t count, const std::string& word);

// A line on standard error.
void say(std::string_view text);
// An error for people: its message, its details, what to do next.
void say_error(const Error& error);

// Others' text on a line of a terminal: what would move the cursor, colour, or turn the direction
// of writing stands as \n or \u001b.
std::string visible(std::string_view text);
// A value in a table's cell or a line: visible text, the rest as JSON.
std::string cell_text(const types::Value& value);
// Member by dotted path; null when absent.
types::Value member(const types::Value& object, std::string_view path);

}  // namespace vozex::cli

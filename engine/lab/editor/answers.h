// SPDX-License-Identifier: Apache-2.0
//
// What an editor asks about a place in a file: what could stand here, what is this, where does it
// come from, call it something else. Pure functions of a Book; places are byte offsets. Tests:
// tests/unit/lab/editor_test.cc.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/lab/editor/book.h"

namespace vozex::lab::editor {

enum class ItemKind : std::uint8_t {
  key,
  word,
  state,
  event,
  type,
  operation,
  field,
  function,
  name
};

struct Item {
  std::string label;
  ItemKind kind = ItemKind::key;
  std::string detail;  // a type, or what kind of thing it is
  std::string doc;
  std::string insert;  // what is written; `$0` where the cursor goes, if anywhere
};

struct Completion {
  std::size_t begin = 0;  // what is replaced
  std::size_t end = 0;
  std::vector<Item> items;
};

inline constexpr std::size_t k_max_items = 500;

Completion complete(const Book& book, std::size_t file, std::size_t offset);

struct Hover {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string text;  // Markdown
};
std::optional<Hover> hover(const Book& book, std::size_t file, std::size_t offset);

struct Location {
  std::size_t file = 0;
  std::size_t begin = 0;
  std::size_t end = 0;

  bool operator==(const Location&) const = default;
};
std::optional<Location> definition(const Book& book, std::size_t file, std::size_t offset);

// What can be renamed at the place: a state's name. Nothing: no state is here.
std::optional<Location> renamable(const Book& book, std::size_t file, std::size_t offset);
// The places of a state's name in all files, its declaration and `in_state('...')` included.
std::vector<Location> state_uses(const Book& book, const Symbol& state);
struct Edit {
  Location place;
  std::string text;
};
// Errors: not_renamable, bad_name, name_taken.
Result<std::vector<Edit>> rename(const Book& book,
                                 std::size_t file,
                                 std::size_t offset,
                                 const std::string& name);

}  // namespace vozex::lab::editor

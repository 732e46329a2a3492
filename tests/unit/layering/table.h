// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

// The include table of ARCHITECTURE.md as data, and the words that are banned where decisions are
// made. A rule of the house is changed here and there together. Paths are relative to the
// repository root; a folder stands for everything below it.
namespace vozex::layering {

// What files below `folder` may include from the project, besides that folder itself.
struct FolderRule {
  std::string_view folder;
  std::vector<std::string_view> may_include;
};

// Where headers that start with `prefix` may be included, and what to do elsewhere.
struct LibraryRule {
  std::string_view prefix;
  std::vector<std::string_view> homes;
  std::string_view instead;
};

// A word that may not stand in the code below `folder`. A word that ends in a letter is matched
// whole; one that ends in another character matches any continuation.
struct BannedWord {
  std::string_view word;
  std::string_view instead;
};

struct WordRule {
  std::string_view folder;
  bool drivers_excepted = false;  // *_driver.cc, *_driver.h and *_thread.cc act, they don't decide
  std::vector<BannedWord> words;
};

[[nodiscard]] const std::vector<FolderRule>& folder_rules();
[[nodiscard]] const std::vector<LibraryRule>& library_rules();
[[nodiscard]] const std::vector<WordRule>& word_rules();

// What another adapter may see of an adapter, and api/sandbox of the payments: nothing but these.
[[nodiscard]] const std::vector<std::string_view>& public_adapter_headers();

}  // namespace vozex::layering

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

// Checks sources against the rules of table.h: which folder may include which, where a library may
// show up, the licence line, and the words banned where decisions are made. check_source is pure;
// check_tree reads the repository. Tests: checker_test.cc shows every rule failing, tree_test.cc
// runs them over the repository.
namespace vozex::layering {

struct Finding {
  std::string file;
  std::size_t line = 0;
  std::string message;  // what is wrong, then what to do instead

  friend bool operator==(const Finding&, const Finding&) = default;
};

// "file:line: message", as compilers print it.
[[nodiscard]] std::string to_text(const Finding& finding);

// `path` is relative to the repository root, with forward slashes: it selects the rules.
[[nodiscard]] std::vector<Finding> check_source(std::string_view path, std::string_view text);

struct TreeReport {
  std::size_t files = 0;
  std::vector<Finding> findings;  // by path, then by line
};

[[nodiscard]] TreeReport check_tree(const std::filesystem::path& root);

}  // namespace vozex::layering

// SPDX-License-Identifier: Apache-2.0
//
// Files as the command line takes them: workflow files named one by one or found below folders,
// each with the files around it that it may refer to. Thread rule: any thread; reads the disk.
#pragma once

#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/language/compile.h"

namespace vozex::cli {

inline constexpr std::size_t k_max_files = 5000;

// "-" is standard input. Error file_unreadable, class not_found.
Result<std::string> read_file(const std::string& path);

struct FoundFiles {
  language::SourceSet sources;             // all, the surroundings included
  std::vector<std::string> named;          // of these: what was asked for
  std::vector<machine::SourceFile> tests;  // *.test.yaml
};

// A folder gives its *.yaml, at any depth, sorted. A file named alone brings along, as
// surroundings, the files of its own folder and of `adapters/` beside that folder: what it may
// import. Errors: file_unreadable, too_many_files.
Result<FoundFiles> find_files(const std::vector<std::string>& paths);

}  // namespace vozex::cli

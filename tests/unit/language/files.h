// SPDX-License-Identifier: Apache-2.0
//
// Files of the repository for these tests, and compiling one text.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/language/compile.h"

namespace vozex::language {

std::filesystem::path in_repository(const std::string& path);
std::string read_file(const std::filesystem::path& path);
void write_file(const std::filesystem::path& path, const std::string& text);

// All .yaml files directly in a folder, sorted, named without their folder.
std::vector<machine::SourceFile> yaml_files(const std::filesystem::path& folder);

// What is said about a text that stands alone in "test.yaml".
std::string diagnose_text(const std::string& text);
// The machine of a text that must compile without errors; fails the test and returns null
// otherwise.
machine::MachineRef compile_text_alone(const std::string& text);

}  // namespace vozex::language

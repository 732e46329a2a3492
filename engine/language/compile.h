// SPDX-License-Identifier: Apache-2.0
//
// The compiler of workflow files: YAML text -> nodes with positions -> diagnostics -> Machine.
// Reports every mistake of a file in one run. Relies on expr for expressions and types for types;
// yaml-cpp is seen by yaml_attempt.cc only. Pure: files come as text. Specification:
// docs/language/. Tests: tests/unit/language, tests/golden/diagnostics.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/machine/machine.h"

namespace vozex::language {

// What a file is, by its first keys.
enum class FileKind : std::uint8_t { workflow, types_of, adapter, test, unknown };

// A set of files that may refer to each other: workflows, `types_of:` files and `adapter:` files.
// Names of files are as the author gave them and appear in diagnostics.
struct SourceSet {
  std::vector<machine::SourceFile> files;
};

struct Compilation {
  std::vector<machine::MachineRef> machines;      // of the workflows without errors, sorted by name
  std::vector<machine::OperationRef> operations;  // of all adapters declared
  std::vector<Diagnostic> diagnostics;            // errors and warnings of all files, sorted
};

// Compiles all files of the set together. A workflow that names a type import, adapter or child
// workflow that the set doesn't hold gets an error that says which file was expected.
Compilation compile(const SourceSet& sources);

// All diagnostics rendered, with quoted lines.
std::string render(const std::vector<Diagnostic>& diagnostics, const SourceSet& sources);

FileKind kind_of(std::string_view yaml_text);

inline constexpr std::size_t k_max_file_bytes = 1u << 20;
inline constexpr std::size_t k_max_states = 2000;

}  // namespace vozex::language

// SPDX-License-Identifier: Apache-2.0
//
// Files of a catalogue: one document each, as a value for the server, and the way back from the
// places that it complains about to file, line and column. Thread rule: one thread; reads the disk.
// Tests: tests/unit/cli/catalog_files_test.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/base/result.h"
#include "engine/language/node.h"
#include "engine/types/value.h"

namespace vozex::cli {

struct CatalogFile {
  language::SourceText source;
  language::Node root;
  types::Value document;
};

struct CatalogFiles {
  std::vector<CatalogFile> files;
  std::vector<Diagnostic> diagnostics;  // what kept files from being read
};

// Files, and the *.yaml of folders. Errors: file_unreadable, too_many_files.
Result<CatalogFiles> read_catalog(const std::vector<std::string>& paths);

// Whole numbers, true, false and null are what they say; everything else is a text.
types::Value value_of(const language::Node& node);

// The place of an RFC 6901 pointer: the value it names, or its name where the value is a map or
// list, or the nearest thing around it when it isn't there.
struct Place {
  Span span;
  bool is_there = false;
};
Place place_of(const language::Node& root, std::string_view pointer);

// A complaint about "/documents/3/plans/0" as a diagnostic in the fourth file; with another pointer
// it is about no file.
Diagnostic complaint(const CatalogFiles& files,
                     const std::string& code,
                     const std::string& pointer,
                     const std::string& message);

// All of them, with the lines they are about.
std::string render(const std::vector<Diagnostic>& diagnostics, const CatalogFiles& files);

}  // namespace vozex::cli

// SPDX-License-Identifier: Apache-2.0
//
// Archive: a folder of ended instances, as files of gzip-compressed JSON lines:
// <folder>/<tenant>/<day of end>/<first id>-<digest>.jsonl.gz, one instance with its history a
// line. A file is whole or not there, and its name follows from its content, so the same portion
// written twice is one file. Format: docs/retention.md. Thread rule: one writer; readers at any
// time. Tests: tests/unit/archive, tests/store/retention_test.cc.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/ports/retention.h"

namespace vozex::archive {

class Archive {
 public:
  // The folder is made when it isn't there.
  explicit Archive(std::string folder) : folder_(std::move(folder)) {}

  // Durable when it returns. How many files were written. Class unavailable `archive_io`.
  Result<std::size_t> write(const std::vector<ports::EndedInstance>& instances) const;
  // The line of an instance: the newest where there are several. Errors: archive_io.
  Result<std::optional<std::string>> find(const InstanceId& id) const;

 private:
  std::string folder_;
};

// The JSON of one line, without the line's end. The texts of the row are JSON and stand in it as
// they are; one that is none stands as a string.
std::string line_of(const ports::EndedInstance& instance);

// A tenant as the name of a folder: what isn't a letter, digit, '_', '-' or inner '.' is
// %-encoded.
std::string folder_name(const std::string& tenant);

}  // namespace vozex::archive

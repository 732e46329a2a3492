// SPDX-License-Identifier: Apache-2.0
//
// One gzip file: written whole and durably, read line by line. Errors: class unavailable
// `archive_io`, with the path.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace vozex::archive {

// Under another name first, then renamed; the file and its folder are on the disk when it returns.
Result<void> write_gzip(const std::string& path, std::string_view content);
// Until `take` says false. Lines come without their ends.
Result<void> read_gzip_lines(const std::string& path,
                             const std::function<bool(const std::string&)>& take);

Failure archive_io(const std::string& path, const std::string& what);

}  // namespace vozex::archive

// SPDX-License-Identifier: Apache-2.0
//
// Repairs of one SQLite file: a second writer beside whatever server has the file open, for one
// short transaction at a time; the server waits for it as for a busy file. Port:
// engine/ports/repair.h. Thread rule: one thread.
#pragma once

#include <memory>
#include <string>

#include "engine/ports/repair.h"

namespace vozex::sqlite {

// `url` as of open_store(). The file must exist and have the tables of this version.
Result<std::unique_ptr<ports::Repairs>> open_repairs(const std::string& url);

}  // namespace vozex::sqlite

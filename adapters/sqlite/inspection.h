// SPDX-License-Identifier: Apache-2.0
//
// The Inspection of one SQLite file: a read connection beside whatever server has the file open; no
// lock is taken. Port: engine/ports/inspection.h. Thread rule: one thread.
#pragma once

#include <memory>
#include <string>

#include "engine/ports/inspection.h"

namespace vozex::sqlite {

// `url` as of open_store(). The file must exist and have the tables of this version.
Result<std::unique_ptr<ports::Inspection>> open_inspection(const std::string& url);

}  // namespace vozex::sqlite

// SPDX-License-Identifier: Apache-2.0
//
// The Inspection of one PostgreSQL database: one repeatable-read, read-only transaction; no
// lock is taken that a server waits for. Port: engine/ports/inspection.h. Thread rule: one thread.
#pragma once

#include <memory>
#include <string>

#include "engine/ports/inspection.h"

namespace vozex::postgres {

// `url` as of open_store(). The database has the tables of this version.
Result<std::unique_ptr<ports::Inspection>> open_inspection(const std::string& url);

}  // namespace vozex::postgres

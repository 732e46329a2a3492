// SPDX-License-Identifier: Apache-2.0
//
// Repairs of one PostgreSQL database: a lane of its own beside the servers, without a session; one
// short transaction at a time, which waits for no lock that a server holds. Port:
// engine/ports/repair.h. Thread rule: one thread.
#pragma once

#include <memory>
#include <string>

#include "engine/ports/repair.h"

namespace vozex::postgres {

// `url` as of open_store(). The database has the tables of this version.
Result<std::unique_ptr<ports::Repairs>> open_repairs(const std::string& url);

}  // namespace vozex::postgres

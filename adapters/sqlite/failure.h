// SPDX-License-Identifier: Apache-2.0
//
// What SQLite's result codes mean to a caller of the Store: which class, which code, which
// sentence. Every failure of this folder is made here. The transaction that failed has been, or
// must be, rolled back: nothing is done.
#pragma once

#include "engine/base/result.h"

struct sqlite3;

namespace vozex::sqlite {

// `code` is an extended result code, `doing` what was being done ("commit", or the SQL text).
Failure failure(sqlite3* database, int code, const char* doing);

}  // namespace vozex::sqlite

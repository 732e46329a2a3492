// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/failure.h"

#include <sqlite3.h>

#include <string>

namespace vozex::sqlite {
namespace {

struct Meaning {
  ErrorClass kind;
  const char* code;
  const char* advice;
};

Meaning meaning_of(int primary_code) {
  switch (primary_code) {
    case SQLITE_FULL:
      return {ErrorClass::unavailable,
              "store_full",
              "the disk is full: make room, nothing was written"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorClass::unavailable, "store_busy", "another program holds the database file"};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {ErrorClass::corrupt, "store_corrupt", "restore the database file from a back-up"};
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
      return {ErrorClass::constraint, "store_constraint", "the database refused the row"};
    case SQLITE_ERROR:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
    case SQLITE_SCHEMA:
      return {ErrorClass::corrupt, "store_schema", "the tables are not those of this program"};
    default:
      return {ErrorClass::unavailable, "store_io", "check the disk and the file's permissions"};
  }
}

}  // namespace

Failure failure(sqlite3* database, int code, const char* doing) {
  const Meaning meaning = meaning_of(code & 0xff);
  std::string message = "SQLite: ";
  message += database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code);
  message += " (" + std::to_string(code) + "): ";
  message += meaning.advice;
  Error error{meaning.kind, meaning.code, std::move(message), {}};
  error.details.push_back({"doing", doing});
  return Failure(std::move(error));
}

}  // namespace vozex::sqlite

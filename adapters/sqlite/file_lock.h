// SPDX-License-Identifier: Apache-2.0
//
// FileLock: keeps a second server off a database file, by an flock on "<file>.lock". SQLite itself
// would let both write; each would believe that it alone has the leases, timers and calls in
// memory. The kernel drops the lock with the process, so nothing is left to clean up; the file
// stays, because removing it would race with the next server.
#pragma once

#include <memory>
#include <string>

#include "engine/base/result.h"

namespace vozex::sqlite {

class FileLock {
 public:
  // Class refused `store_in_use` while somebody else holds it; the message names the process.
  static Result<std::unique_ptr<FileLock>> take(const std::string& database_path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  explicit FileLock(int file) : file_(file) {}
  int file_;
};

}  // namespace vozex::sqlite

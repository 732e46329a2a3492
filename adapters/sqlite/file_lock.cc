// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace vozex::sqlite {
namespace {

std::string holder_of(int file) {
  std::array<char, 32> text{};
  const ssize_t length = pread(file, text.data(), text.size(), 0);
  std::string holder(text.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
  while (!holder.empty() && holder.back() == '\n') holder.pop_back();
  return holder.empty() ? "another process" : "process " + holder;
}

void write_holder(int file) {
  const std::string text = std::to_string(getpid()) + "\n";
  // Only for the message above: who can't write it is not kept from the database.
  if (ftruncate(file, 0) == 0) static_cast<void>(pwrite(file, text.data(), text.size(), 0) == 0);
}

}  // namespace

Result<std::unique_ptr<FileLock>> FileLock::take(const std::string& database_path) {
  const std::string path = database_path + ".lock";
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    const std::string why = std::error_code(errno, std::generic_category()).message();
    return fail(ErrorClass::unavailable, "store_io", "can't open " + path + ": " + why);
  }
  std::unique_ptr<FileLock> lock(new FileLock(file));
  if (flock(file, LOCK_EX | LOCK_NB) != 0) {
    return fail(ErrorClass::refused,
                "store_in_use",
                database_path + " is in use by " + holder_of(file) +
                    ": stop that server, or give this one another database");
  }
  write_holder(file);
  return lock;
}

FileLock::~FileLock() { close(file_); }

}  // namespace vozex::sqlite

// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/log_file.h"

#include <sqlite3.h>

#include <cstring>
#include <memory>
#include <new>
#include <utility>

#include "engine/base/assert.h"

namespace vozex::sqlite {
namespace {

constexpr const char* k_name = "vozex";

// What lies at the place that SQLite keeps for a file: ours, and behind it that of the ordinary
// VFS.
struct LogFile : sqlite3_file {
  sqlite3_file* below = nullptr;
  std::unique_ptr<char[]> collected;  // none before the first write
  sqlite3_int64 begin = 0;            // where in the file the first of them belongs
  int size = 0;

  bool takes(int count, sqlite3_int64 at) const {
    return size == 0 || (at == begin + size && size + count <= k_max_collected);
  }

  // What can't be written is given up, as SQLite gives up the transaction that it tells so.
  int flush() {
    const int count = std::exchange(size, 0);
    return count == 0 ? SQLITE_OK : below->pMethods->xWrite(below, collected.get(), count, begin);
  }
};

LogFile& of(sqlite3_file* file) { return *static_cast<LogFile*>(file); }

int close(sqlite3_file* file) {
  LogFile& log = of(file);
  const int written = log.flush();
  log.collected.reset();
  const int closed = log.below->pMethods->xClose(log.below);
  return written == SQLITE_OK ? closed : written;
}

int read(sqlite3_file* file, void* to, int count, sqlite3_int64 at) {
  const int code = of(file).flush();
  return code != SQLITE_OK ? code : of(file).below->pMethods->xRead(of(file).below, to, count, at);
}

int write(sqlite3_file* file, const void* from, int count, sqlite3_int64 at) {
  LogFile& log = of(file);
  if (!log.takes(count, at)) {
    if (const int code = log.flush(); code != SQLITE_OK) return code;
  }
  if (log.collected == nullptr) log.collected.reset(new (std::nothrow) char[k_max_collected]);
  if (log.collected == nullptr || count > k_max_collected) {
    return log.below->pMethods->xWrite(log.below, from, count, at);
  }
  if (log.size == 0) log.begin = at;
  std::memcpy(log.collected.get() + log.size, from, static_cast<std::size_t>(count));
  log.size += count;
  return SQLITE_OK;
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  const int code = of(file).flush();
  return code != SQLITE_OK ? code : of(file).below->pMethods->xTruncate(of(file).below, size);
}

int sync(sqlite3_file* file, int flags) {
  const int code = of(file).flush();
  return code != SQLITE_OK ? code : of(file).below->pMethods->xSync(of(file).below, flags);
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  const int code = of(file).flush();
  return code != SQLITE_OK ? code : of(file).below->pMethods->xFileSize(of(file).below, size);
}

int lock(sqlite3_file* file, int kind) {
  return of(file).below->pMethods->xLock(of(file).below, kind);
}

int unlock(sqlite3_file* file, int kind) {
  return of(file).below->pMethods->xUnlock(of(file).below, kind);
}

int is_reserved(sqlite3_file* file, int* answer) {
  return of(file).below->pMethods->xCheckReservedLock(of(file).below, answer);
}

int control(sqlite3_file* file, int what, void* with) {
  return of(file).below->pMethods->xFileControl(of(file).below, what, with);
}

int sector_size(sqlite3_file* file) {
  return of(file).below->pMethods->xSectorSize(of(file).below);
}

int characteristics(sqlite3_file* file) {
  return of(file).below->pMethods->xDeviceCharacteristics(of(file).below);
}

// Version 1: a log has no shared memory and is not mapped.
constexpr sqlite3_io_methods k_methods = {
    .iVersion = 1,
    .xClose = close,
    .xRead = read,
    .xWrite = write,
    .xTruncate = truncate,
    .xSync = sync,
    .xFileSize = file_size,
    .xLock = lock,
    .xUnlock = unlock,
    .xCheckReservedLock = is_reserved,
    .xFileControl = control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = nullptr,
    .xShmLock = nullptr,
    .xShmBarrier = nullptr,
    .xShmUnmap = nullptr,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

sqlite3_vfs* ordinary() {
  static sqlite3_vfs* const found = sqlite3_vfs_find(nullptr);
  return found;
}

constexpr int k_own_size = (sizeof(LogFile) + 15) / 16 * 16;

int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* given) {
  if ((flags & SQLITE_OPEN_WAL) == 0)
    return ordinary()->xOpen(ordinary(), name, file, flags, given);
  file->pMethods = nullptr;
  auto* below = reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + k_own_size);
  below->pMethods = nullptr;
  const int code = ordinary()->xOpen(ordinary(), name, below, flags, given);
  if (code != SQLITE_OK) {
    if (below->pMethods != nullptr) below->pMethods->xClose(below);
    return code;
  }
  auto* log = new (file) LogFile();
  log->below = below;
  log->pMethods = &k_methods;
  return SQLITE_OK;
}

sqlite3_vfs* made() {
  static sqlite3_vfs vfs = *ordinary();
  vfs.zName = k_name;
  vfs.szOsFile = ordinary()->szOsFile + k_own_size;
  vfs.pNext = nullptr;
  vfs.xOpen = open;
  const int code = sqlite3_vfs_register(&vfs, 0);
  VOZEX_ASSERT(code == SQLITE_OK);
  return &vfs;
}

}  // namespace

const char* collecting_vfs() {
  static const sqlite3_vfs* const vfs = made();
  return vfs->zName;
}

}  // namespace vozex::sqlite

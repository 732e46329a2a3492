// SPDX-License-Identifier: Apache-2.0
//
// Loaded before a program's own libraries (LD_PRELOAD), it moves the wall clock that the program
// sees by the seconds that stand in the file TEST_CLOCK_FILE names (one 64-bit number, read at each
// look). Clocks that count from boot are not touched. tests/api/shifted_time.h writes the file.
// libfaketime does the same for most programs, but stops in jemalloc's first look at the clock.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

const volatile std::int64_t* opened() {
  static const std::int64_t k_none = 0;
  const char* path = std::getenv("TEST_CLOCK_FILE");
  const int file = path == nullptr ? -1 : ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return &k_none;
  void* memory = ::mmap(nullptr, sizeof k_none, PROT_READ, MAP_SHARED, file, 0);
  ::close(file);
  return memory == MAP_FAILED ? &k_none : static_cast<const std::int64_t*>(memory);
}

std::int64_t shift() {
  static const volatile std::int64_t* const seconds = opened();
  return *seconds;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, struct timespec* time) noexcept {
  const long failed = ::syscall(SYS_clock_gettime, clock, time);
  if (failed != 0) return -1;
  if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) time->tv_sec += shift();
  return 0;
}

int gettimeofday(struct timeval* time, void* /*zone*/) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t* into) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (into != nullptr) *into = now.tv_sec;
  return now.tv_sec;
}

}  // extern "C"

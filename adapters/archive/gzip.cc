// SPDX-License-Identifier: Apache-2.0
#include "adapters/archive/gzip.h"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

namespace vozex::archive {
namespace {

constexpr std::size_t k_chunk_bytes = 1u << 16;

struct Close {
  void operator()(gzFile_s* file) const { gzclose(file); }
};
using File = std::unique_ptr<gzFile_s, Close>;

std::string reason() { return std::strerror(errno); }

Result<void> sync(const std::string& path, int flags) {
  const int file = ::open(path.c_str(), flags | O_CLOEXEC);
  const bool good = file >= 0 && ::fsync(file) == 0;
  const std::string why = reason();
  if (file >= 0) ::close(file);
  if (!good) return archive_io(path, why);
  return {};
}

Result<void> write_all(const std::string& path, std::string_view content) {
  File file(gzopen(path.c_str(), "wbe6"));
  if (file == nullptr) return archive_io(path, reason());
  while (!content.empty()) {
    const auto size = static_cast<unsigned>(std::min(content.size(), k_chunk_bytes));
    if (gzwrite(file.get(), content.data(), size) != static_cast<int>(size)) {
      return archive_io(path, reason());
    }
    content.remove_prefix(size);
  }
  if (gzclose(file.release()) != Z_OK) return archive_io(path, reason());
  return {};
}

}  // namespace

Failure archive_io(const std::string& path, const std::string& what) {
  return fail(ErrorClass::unavailable,
              "archive_io",
              "the archive can't be used: " + path + ": " + what + "; nothing was removed");
}

Result<void> write_gzip(const std::string& path, std::string_view content) {
  const std::string temporary = path + ".tmp";
  if (auto written = write_all(temporary, content); !written) return written;
  if (auto synced = sync(temporary, O_RDONLY); !synced) return synced;
  if (::rename(temporary.c_str(), path.c_str()) != 0) return archive_io(path, reason());
  return sync(std::filesystem::path(path).parent_path().string(), O_RDONLY | O_DIRECTORY);
}

Result<void> read_gzip_lines(const std::string& path,
                             const std::function<bool(const std::string&)>& take) {
  const File file(gzopen(path.c_str(), "rbe"));
  if (file == nullptr) return archive_io(path, reason());
  std::string line;
  std::array<char, k_chunk_bytes> chunk{};
  for (;;) {
    const int size = gzread(file.get(), chunk.data(), static_cast<unsigned>(chunk.size()));
    int code = Z_OK;
    if (size <= 0) gzerror(file.get(), &code);
    if (size < 0 || code != Z_OK) return archive_io(path, "it is not whole");
    if (size == 0) return {};
    std::string_view rest(chunk.data(), static_cast<std::size_t>(size));
    for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
      line += rest.substr(0, end);
      rest.remove_prefix(end + 1);
      if (!take(line)) return {};
      line.clear();
    }
    line += rest;
  }
}

}  // namespace vozex::archive

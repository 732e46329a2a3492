// SPDX-License-Identifier: Apache-2.0
#include "adapters/archive/archive.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include <nlohmann/json.hpp>

#include "adapters/archive/gzip.h"
#include "engine/base/sha256.h"

namespace vozex::archive {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_day_letters = 10;     // "2026-11-20" of a timestamp
constexpr std::size_t k_digest_letters = 16;  // enough to tell portions apart

struct Portion {
  InstanceId first;
  std::string lines;
};

// By folder, in the order of the ids: the same instances always give the same files.
std::map<std::string, Portion> portions_of(const std::vector<ports::EndedInstance>& instances) {
  std::vector<const ports::EndedInstance*> sorted;
  sorted.reserve(instances.size());
  for (const auto& one : instances) sorted.push_back(&one);
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) {
    return a->row.id < b->row.id;
  });
  std::map<std::string, Portion> portions;
  for (const ports::EndedInstance* one : sorted) {
    const std::string day = format_timestamp(one->ended_at).substr(0, k_day_letters);
    Portion& portion = portions[folder_name(one->row.tenant) + "/" + day];
    if (portion.lines.empty()) portion.first = one->row.id;
    portion.lines += line_of(*one) + "\n";
  }
  return portions;
}

std::uint64_t seq_of(const std::string& line) {
  const auto value = nlohmann::json::parse(line, nullptr, false);
  return value.is_object() ? value.value("seq", std::uint64_t{0}) : 0;
}

}  // namespace

Result<std::size_t> Archive::write(const std::vector<ports::EndedInstance>& instances) const {
  std::size_t files = 0;
  for (const auto& [name, portion] : portions_of(instances)) {
    const fs::path folder = fs::path(folder_) / name;
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return archive_io(folder.string(), error.message());
    const std::string file = portion.first.text() + "-" +
                             sha256_hex(portion.lines).substr(0, k_digest_letters) + ".jsonl.gz";
    if (auto written = write_gzip((folder / file).string(), portion.lines); !written) {
      return Failure(written.error());
    }
    ++files;
  }
  return files;
}

Result<std::optional<std::string>> Archive::find(const InstanceId& id) const {
  const std::string wanted = "\"id\":\"" + id.text() + "\",\"root\":";
  std::optional<std::string> found;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder_, error), end; !error && it != end;
       it.increment(error)) {
    if (it->path().extension() != ".gz") continue;
    auto read = read_gzip_lines(it->path().string(), [&](const std::string& line) {
      // Near the start of its own line; a history may name it anywhere.
      const std::size_t at = line.substr(0, wanted.size() + 32).find(wanted);
      if (at != std::string::npos && (!found || seq_of(*found) < seq_of(line))) found = line;
      return true;
    });
    if (!read) return Failure(read.error());
  }
  if (error) return archive_io(folder_, error.message());
  return found;
}

}  // namespace vozex::archive

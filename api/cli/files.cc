// SPDX-License-Identifier: Apache-2.0
#include "api/cli/files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>

namespace vozex::cli {
namespace {

namespace fs = std::filesystem;

bool is_yaml(const fs::path& path) {
  return path.extension() == ".yaml" || path.extension() == ".yml";
}
bool is_test(const fs::path& path) { return is_yaml(path) && path.stem().extension() == ".test"; }
bool is_hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

void walk(const fs::path& folder, std::vector<fs::path>& out) {
  std::error_code ignored;
  for (auto it = fs::recursive_directory_iterator(folder, ignored);
       it != fs::recursive_directory_iterator();
       it.increment(ignored)) {
    if (ignored || out.size() > k_max_files) return;
    if (it->is_directory(ignored)) {
      if (is_hidden(it->path())) it.disable_recursion_pending();
    } else if (is_yaml(it->path()) && !is_hidden(it->path())) {
      out.push_back(it->path());
    }
  }
}

std::vector<fs::path> surroundings(const fs::path& file) {
  std::vector<fs::path> paths;
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (is_yaml(entry.path()))
      paths.push_back(file.has_parent_path() ? entry.path() : entry.path().filename());
  }
  for (const fs::path& adapters : {folder / "adapters", folder / ".." / "adapters"}) {
    if (fs::is_directory(adapters, ignored)) walk(adapters.lexically_normal(), paths);
  }
  return paths;
}

class Finder {
 public:
  Result<void> take(const fs::path& path, bool named) {
    std::error_code ignored;
    const std::string same = fs::weakly_canonical(path, ignored).string();
    if (!named && is_test(path)) return {};
    if (!seen_.insert(same).second) return {};
    auto text = read_file(path.string());
    if (!text) return tl::unexpected(text.error());
    if (is_test(path)) {
      found_.tests.push_back({path.string(), *std::move(text)});
      return {};
    }
    found_.sources.files.push_back({path.string(), *std::move(text)});
    if (named) found_.named.push_back(path.string());
    return {};
  }

  FoundFiles done() && {
    const auto by_name = [](const auto& a, const auto& b) { return a.name < b.name; };
    std::sort(found_.sources.files.begin(), found_.sources.files.end(), by_name);
    std::sort(found_.tests.begin(), found_.tests.end(), by_name);
    return std::move(found_);
  }

 private:
  FoundFiles found_;
  std::set<std::string> seen_;
};

}  // namespace

Result<std::string> read_file(const std::string& path) {
  if (path == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  std::error_code ignored;
  std::ifstream file(path, std::ios::binary);
  if (!file || fs::is_directory(path, ignored)) {
    return fail(ErrorClass::not_found,
                "file_unreadable",
                "Can't read " + path + ": there is no such file, or it may not be read.");
  }
  return std::string(std::istreambuf_iterator<char>(file), {});
}

Result<FoundFiles> find_files(const std::vector<std::string>& paths) {
  Finder finder;
  std::vector<fs::path> around;
  std::size_t count = 0;
  for (const std::string& path : paths) {
    std::error_code ignored;
    std::vector<fs::path> files;
    if (fs::is_directory(path, ignored)) {
      walk(path, files);
      std::sort(files.begin(), files.end());
    } else {
      files.push_back(path);
      const auto more = surroundings(path);
      around.insert(around.end(), more.begin(), more.end());
    }
    count += files.size();
    if (count > k_max_files) {
      return fail(ErrorClass::invalid,
                  "too_many_files",
                  "More than " + std::to_string(k_max_files) + " files below " + path + ".");
    }
    for (const fs::path& file : files) {
      if (auto taken = finder.take(file, true); !taken) return tl::unexpected(taken.error());
    }
  }
  std::sort(around.begin(), around.end());
  for (const fs::path& file : around) {
    if (auto taken = finder.take(file, false); !taken) return tl::unexpected(taken.error());
  }
  return std::move(finder).done();
}

}  // namespace vozex::cli

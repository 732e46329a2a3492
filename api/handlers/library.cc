// SPDX-License-Identifier: Apache-2.0
#include "api/handlers/library.h"

#include <set>

namespace vozex::handlers {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\"'");
  if (first == std::string_view::npos) return {};
  text.remove_prefix(first);
  text = text.substr(0, text.find(" #"));
  return text.substr(0, text.find_last_not_of(" \t\r\"'") + 1);
}

}  // namespace

std::string declares(std::string_view yaml_text) {
  while (!yaml_text.empty()) {
    const std::string_view line = yaml_text.substr(0, yaml_text.find('\n'));
    yaml_text.remove_prefix(std::min(yaml_text.size(), line.size() + 1));
    for (const std::string_view key : {"workflow", "types_of", "adapter"}) {
      if (line.size() > key.size() && line.starts_with(key) && line[key.size()] == ':') {
        return std::string(key) + " " + std::string(trimmed(line.substr(key.size() + 1)));
      }
    }
  }
  return "";
}

void Library::add(const std::vector<machine::SourceFile>& files) {
  const std::lock_guard lock(mutex_);
  for (const machine::SourceFile& file : files) {
    const std::string what = declares(file.text);
    std::erase_if(
        files_, [&](const auto& known) { return !what.empty() && declares(known.second) == what; });
    files_[file.name] = file.text;
  }
}

Library::Attempt Library::compile_with(const std::vector<machine::SourceFile>& files) const {
  Attempt attempt;
  std::set<std::string> names;
  std::set<std::string> declared;
  for (const machine::SourceFile& file : files) {
    names.insert(file.name);
    declared.insert(declares(file.text));
    attempt.sources.files.push_back(file);
  }
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, text] : files_) {
      if (names.contains(name) || declared.contains(declares(text))) continue;
      attempt.sources.files.push_back({name, text});
    }
  }
  attempt.compilation = language::compile(attempt.sources);
  return attempt;
}

}  // namespace vozex::handlers

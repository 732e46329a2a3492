// SPDX-License-Identifier: Apache-2.0
#include "api/cli/lsp/workspace.h"

#include <algorithm>
#include <filesystem>

#include "api/cli/files.h"
#include "api/cli/lsp/positions.h"

namespace vozex::cli::lsp {
namespace {

namespace fs = std::filesystem;

std::string folder_of(const std::string& path) { return fs::path(path).parent_path().string(); }

// Files that can't be read are left out: the editor has the one that matters.
std::vector<machine::SourceFile> read_folder(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string path = entry.path().string();
    const bool yaml = path.ends_with(".yaml") || path.ends_with(".yml");
    if (yaml && entry.is_regular_file(ignored) && paths.size() < k_max_files) paths.push_back(path);
  }
  std::vector<machine::SourceFile> files;
  if (paths.empty()) return files;
  std::sort(paths.begin(), paths.end());
  const auto found = find_files(paths);
  if (!found) return files;
  files = found->sources.files;
  files.insert(files.end(), found->tests.begin(), found->tests.end());
  std::erase_if(files, [](const auto& file) { return !is_ours(file.name, file.text); });
  return files;
}

}  // namespace

bool is_ours(const std::string& path, std::string_view text) {
  if (path.ends_with(".test.yaml") || path.ends_with(".test.yml")) return true;
  for (const std::string key : {"vozex:", "scenarios:"}) {
    if (text.starts_with(key) || text.find("\n" + key) != std::string_view::npos) return true;
  }
  return false;
}

bool Workspace::open(const std::string& path, OpenDocument document) {
  if (!documents_.contains(path) && documents_.size() >= k_max_open_documents) return false;
  documents_[path] = std::move(document);
  forget_disk();
  return true;
}

void Workspace::close(const std::string& path) {
  documents_.erase(path);
  forget_disk();
}

OpenDocument* Workspace::edit(const std::string& path) {
  books_.clear();
  const auto found = documents_.find(path);
  return found == documents_.end() ? nullptr : &found->second;
}

void Workspace::forget_disk() {
  disk_.clear();
  books_.clear();
}

const std::vector<machine::SourceFile>& Workspace::around(const std::string& path) {
  const std::string folder = folder_of(path);
  const auto known = disk_.find(folder);
  if (known != disk_.end()) return known->second;
  return disk_[folder] = read_folder(folder);
}

std::shared_ptr<const lab::editor::Book> Workspace::book(const std::string& path) {
  const std::string folder = folder_of(path);
  auto& book = books_[folder];
  if (book != nullptr) return book;
  std::vector<machine::SourceFile> files = around(path);
  for (const auto& [name, document] : documents_) {
    const auto same = std::find_if(
        files.begin(), files.end(), [&](const auto& file) { return file.name == name; });
    if (same != files.end()) {
      same->text = document.text;
    } else if (folder_of(name) == folder && is_ours(name, document.text)) {
      files.push_back({name, document.text});
    }
  }
  book = std::make_shared<lab::editor::Book>(files);
  return book;
}

std::string Workspace::uri(const std::string& path) const {
  const auto open = documents_.find(path);
  return open == documents_.end() ? uri_of(path) : open->second.uri;
}

}  // namespace vozex::cli::lsp

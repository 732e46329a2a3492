// SPDX-License-Identifier: Apache-2.0
//
// The open documents of an editor and the files around them, as `vozex validate` would take them:
// those of a document's folder and of `adapters/` beside it, and the tests of the folder. Texts of
// open documents go before the disk. Thread rule: one thread; reads the disk.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/lab/editor/book.h"

namespace vozex::cli::lsp {

inline constexpr std::size_t k_max_open_documents = 500;

struct OpenDocument {
  std::string uri;  // as the editor writes it
  std::string text;
  std::int64_t version = 0;
};

class Workspace {
 public:
  // False when too many are open.
  bool open(const std::string& path, OpenDocument document);
  void close(const std::string& path);
  // The text of an open document has changed; nullptr when it isn't open.
  OpenDocument* edit(const std::string& path);
  // Something on the disk may have changed.
  void forget_disk();

  const std::map<std::string, OpenDocument>& documents() const { return documents_; }
  // What is known about a document's surroundings; made when it is asked for. Books are shared by
  // the documents of a folder.
  std::shared_ptr<const lab::editor::Book> book(const std::string& path);
  // The editor's URI of a file if it is open, else ours.
  std::string uri(const std::string& path) const;

 private:
  const std::vector<machine::SourceFile>& around(const std::string& path);

  std::map<std::string, OpenDocument> documents_;
  std::map<std::string, std::vector<machine::SourceFile>> disk_;  // by folder
  std::map<std::string, std::shared_ptr<const lab::editor::Book>> books_;
};

// Whether a text is one of ours at all: editors send every YAML file there is.
bool is_ours(const std::string& path, std::string_view text);

}  // namespace vozex::cli::lsp

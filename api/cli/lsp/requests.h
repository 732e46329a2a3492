// SPDX-License-Identifier: Apache-2.0
//
// The answers to an editor's questions about open documents. A document that a book doesn't know
// (a YAML file that is none of a lifecycle) gets empty answers.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "api/cli/lsp/workspace.h"
#include "engine/lab/editor/answers.h"

namespace vozex::cli::lsp {

// Error codes of JSON-RPC 2.0 and of the Language Server Protocol.
inline constexpr int k_parse_error = -32700;
inline constexpr int k_invalid_request = -32600;
inline constexpr int k_method_not_found = -32601;
inline constexpr int k_invalid_params = -32602;
inline constexpr int k_not_initialized = -32002;
inline constexpr int k_request_failed = -32803;

// An answer that is an error: thrown here, caught by the server.
struct Refusal {
  int code;
  std::string message;
};

// The path of the document that `params` name. Throws Refusal when it isn't open.
std::string open_path(const Workspace& workspace, const nlohmann::json& params);

class Requests {
 public:
  explicit Requests(Workspace& workspace) : workspace_(workspace) {}

  // Whether the editor understands `$0` in what it inserts.
  void use_snippets(bool use) { snippets_ = use; }

  // The answer to one method of `textDocument/`. Throws Refusal, k_method_not_found among them,
  // and nlohmann::json::exception on params of another shape.
  nlohmann::json answer(const std::string& method, const nlohmann::json& params);

 private:
  // A place in an open document.
  struct Place {
    std::shared_ptr<const lab::editor::Book> book;
    std::size_t file = 0;
    std::size_t offset = 0;
    bool ours = false;

    const std::string& text() const { return book->files()[file].text; }
  };

  Place place(const nlohmann::json& params);
  nlohmann::json completion(const Place& place) const;
  nlohmann::json hover(const Place& place) const;
  nlohmann::json definition(const Place& place) const;
  nlohmann::json prepare_rename(const Place& place) const;
  nlohmann::json rename(const Place& place, const std::string& name) const;
  nlohmann::json document_symbols(const nlohmann::json& params);
  nlohmann::json formatting(const nlohmann::json& params) const;
  nlohmann::json location_json(const lab::editor::Book& book,
                               const lab::editor::Location& location) const;

  Workspace& workspace_;
  bool snippets_ = false;
};

}  // namespace vozex::cli::lsp

// SPDX-License-Identifier: Apache-2.0
//
// What the editor's words are on the wire: positions, ranges, kinds, snippets and diagnostics of
// the Language Server Protocol 3.17. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "api/cli/lsp/positions.h"
#include "engine/base/diagnostic.h"
#include "engine/lab/editor/answers.h"

namespace vozex::cli::lsp {

// Of bytes [begin, end) of a text.
nlohmann::json range_json(std::string_view text, std::size_t begin, std::size_t end);
// Throws nlohmann::json::exception on any other shape.
Position position_of(const nlohmann::json& value);

int completion_kind(lab::editor::ItemKind kind);
int symbol_kind(lab::editor::Kind kind);
// A snippet's own characters are escaped; `$0` stays.
std::string snippet(const std::string& text);

// With a link to the page of its code, unless `docs_url` is empty.
nlohmann::json diagnostic_json(const Diagnostic& one,
                               const Positions& positions,
                               const std::string& docs_url);

}  // namespace vozex::cli::lsp

// SPDX-License-Identifier: Apache-2.0
#include "api/cli/lsp/shapes.h"

#include <nlohmann/json.hpp>

namespace vozex::cli::lsp {

using nlohmann::json;
namespace editor = lab::editor;

namespace {

json position_json(const Position& position) {
  return {{"line", position.line}, {"character", position.character}};
}

}  // namespace

json range_json(std::string_view text, std::size_t begin, std::size_t end) {
  const Positions positions(text);
  return {{"start", position_json(positions.position(begin))},
          {"end", position_json(positions.position(end))}};
}

Position position_of(const json& value) {
  return {value.at("line").get<std::size_t>(), value.at("character").get<std::size_t>()};
}

int completion_kind(editor::ItemKind kind) {
  switch (kind) {
    case editor::ItemKind::key: return 10;       // Property
    case editor::ItemKind::word: return 12;      // Value
    case editor::ItemKind::state: return 20;     // EnumMember
    case editor::ItemKind::event: return 23;     // Event
    case editor::ItemKind::type: return 22;      // Struct
    case editor::ItemKind::operation: return 2;  // Method
    case editor::ItemKind::field: return 5;      // Field
    case editor::ItemKind::function: return 3;   // Function
    case editor::ItemKind::name: return 6;       // Variable
  }
  return 1;
}

int symbol_kind(editor::Kind kind) {
  switch (kind) {
    case editor::Kind::workflow:
    case editor::Kind::types_file:
    case editor::Kind::adapter: return 2;  // Module
    case editor::Kind::state: return 5;    // Class
    case editor::Kind::event: return 24;   // Event
    case editor::Kind::type: return 23;    // Struct
    case editor::Kind::operation:
    case editor::Kind::action: return 6;  // Method
    case editor::Kind::policy:
    case editor::Kind::status: return 14;  // Constant
    case editor::Kind::data:
    case editor::Kind::input:
    case editor::Kind::config: return 8;  // Field
    case editor::Kind::alias:
    case editor::Kind::invoke: return 13;  // Variable
  }
  return 13;
}

std::string snippet(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool cursor = text.compare(i, 2, "$0") == 0;
    if (!cursor && (text[i] == '$' || text[i] == '}' || text[i] == '\\')) out += '\\';
    out += text[i];
  }
  return out;
}

json diagnostic_json(const Diagnostic& one,
                     const Positions& positions,
                     const std::string& docs_url) {
  const auto [begin, end] = positions.bytes(one.span);
  json diagnostic = {{"range",
                      {{"start", position_json(positions.position(begin))},
                       {"end", position_json(positions.position(end))}}},
                     {"severity", one.severity == Severity::error ? 1 : 2},
                     {"code", one.code},
                     {"source", "vozex"},
                     {"message", one.message + (one.hint.empty() ? "" : "\nhint: " + one.hint)}};
  if (!docs_url.empty())
    diagnostic["codeDescription"] = {{"href", docs_url + "/" + one.code + ".md"}};
  return diagnostic;
}

}  // namespace vozex::cli::lsp

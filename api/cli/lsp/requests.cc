// SPDX-License-Identifier: Apache-2.0
#include "api/cli/lsp/requests.h"

#include <algorithm>
#include <optional>

#include <nlohmann/json.hpp>

#include "api/cli/lsp/positions.h"
#include "api/cli/lsp/shapes.h"
#include "engine/language/format.h"

namespace vozex::cli::lsp {

using nlohmann::json;
namespace editor = lab::editor;

std::string open_path(const Workspace& workspace, const json& params) {
  const auto path = path_of(params.at("textDocument").at("uri").get<std::string>());
  if (!path || !workspace.documents().contains(*path))
    throw Refusal{k_invalid_params, "the document is not open"};
  return *path;
}

json Requests::answer(const std::string& method, const json& params) {
  if (method == "textDocument/completion") return completion(place(params));
  if (method == "textDocument/hover") return hover(place(params));
  if (method == "textDocument/definition") return definition(place(params));
  if (method == "textDocument/prepareRename") return prepare_rename(place(params));
  if (method == "textDocument/rename")
    return rename(place(params), params.at("newName").get<std::string>());
  if (method == "textDocument/documentSymbol") return document_symbols(params);
  if (method == "textDocument/formatting") return formatting(params);
  throw Refusal{k_method_not_found, "no method `" + method + "`"};
}

Requests::Place Requests::place(const json& params) {
  const std::string path = open_path(workspace_, params);
  Place place;
  place.book = workspace_.book(path);
  const auto file = place.book->find(path);
  place.ours = file.has_value();
  if (!file) return place;
  place.file = *file;
  place.offset = Positions(place.text()).offset(position_of(params.at("position")));
  return place;
}

json Requests::completion(const Place& place) const {
  json items = json::array();
  if (!place.ours) return items;
  const editor::Completion found = editor::complete(*place.book, place.file, place.offset);
  const json range = range_json(place.text(), found.begin, found.end);
  std::size_t order = 0;
  for (const editor::Item& item : found.items) {
    const bool has_cursor = item.insert.find("$0") != std::string::npos;
    std::string text = item.insert;
    if (has_cursor && snippets_) text = snippet(text);
    if (has_cursor && !snippets_) text.erase(text.find("$0"), 2);
    std::string sort = std::to_string(order++);
    sort.insert(0, 4 - std::min<std::size_t>(sort.size(), 4), '0');
    json one = {{"label", item.label},
                {"kind", completion_kind(item.kind)},
                {"sortText", sort},
                {"insertTextFormat", has_cursor && snippets_ ? 2 : 1},
                {"textEdit", {{"range", range}, {"newText", text}}}};
    if (!item.detail.empty()) one["detail"] = item.detail;
    if (!item.doc.empty()) one["documentation"] = item.doc;
    items.push_back(std::move(one));
  }
  return items;
}

json Requests::hover(const Place& place) const {
  if (!place.ours) return nullptr;
  const auto found = editor::hover(*place.book, place.file, place.offset);
  if (!found) return nullptr;
  return {{"contents", {{"kind", "markdown"}, {"value", found->text}}},
          {"range", range_json(place.text(), found->begin, found->end)}};
}

json Requests::location_json(const editor::Book& book, const editor::Location& location) const {
  const editor::File& file = book.files()[location.file];
  return {{"uri", workspace_.uri(file.name)},
          {"range", range_json(file.text, location.begin, location.end)}};
}

json Requests::definition(const Place& place) const {
  if (!place.ours) return nullptr;
  const auto found = editor::definition(*place.book, place.file, place.offset);
  return found ? location_json(*place.book, *found) : json(nullptr);
}

json Requests::prepare_rename(const Place& place) const {
  if (!place.ours) return nullptr;
  const auto found = editor::renamable(*place.book, place.file, place.offset);
  return found ? range_json(place.text(), found->begin, found->end) : json(nullptr);
}

json Requests::rename(const Place& place, const std::string& name) const {
  if (!place.ours) throw Refusal{k_request_failed, "this file is none of a lifecycle"};
  const auto edits = editor::rename(*place.book, place.file, place.offset, name);
  if (!edits) throw Refusal{k_request_failed, edits.error().message};
  json changes = json::object();
  for (const editor::Edit& edit : *edits) {
    const editor::File& file = place.book->files()[edit.place.file];
    changes[workspace_.uri(file.name)].push_back(
        {{"range", range_json(file.text, edit.place.begin, edit.place.end)},
         {"newText", edit.text}});
  }
  return {{"changes", std::move(changes)}};
}

json Requests::document_symbols(const json& params) {
  const std::string path = open_path(workspace_, params);
  const auto book = workspace_.book(path);
  const auto file = book->find(path);
  json symbols = json::array();
  if (!file) return symbols;
  for (const editor::Symbol& symbol : book->symbols()) {
    if (symbol.file != *file) continue;
    const json range = range_json(book->files()[*file].text, symbol.begin, symbol.end);
    json one = {{"name", symbol.name},
                {"kind", symbol_kind(symbol.kind)},
                {"range", range},
                {"selectionRange", range}};
    if (!symbol.detail.empty()) one["detail"] = symbol.detail;
    symbols.push_back(std::move(one));
  }
  return symbols;
}

json Requests::formatting(const json& params) const {
  const std::string path = open_path(workspace_, params);
  const std::string& text = workspace_.documents().at(path).text;
  std::vector<Diagnostic> found;
  const auto formatted = language::format_yaml({path, text}, found);
  if (!formatted)
    throw Refusal{k_request_failed, found.empty() ? "not YAML" : found.front().message};
  if (*formatted == text) return json::array();
  return {{{"range", range_json(text, 0, text.size())}, {"newText", *formatted}}};
}

}  // namespace vozex::cli::lsp

// SPDX-License-Identifier: Apache-2.0
#include "api/cli/catalog_files.h"

#include <algorithm>
#include <charconv>

#include "api/cli/files.h"
#include "engine/language/yaml_reader.h"

namespace vozex::cli {
namespace {

using language::Node;
using types::Value;

constexpr std::string_view k_documents = "/documents/";

Value scalar_of(const Node& node) {
  if (!node.is_plain()) return Value::string(node.text);
  if (node.text == "true" || node.text == "false") return Value::boolean(node.text == "true");
  std::int64_t number = 0;
  const char* end = node.text.data() + node.text.size();
  const auto read = std::from_chars(node.text.data(), end, number);
  if (read.ec == std::errc() && read.ptr == end && !node.text.empty())
    return Value::integer(number);
  return Value::string(node.text);
}

// The first segment of a pointer, decoded, and what follows it.
std::pair<std::string, std::string_view> split(std::string_view pointer) {
  const std::size_t end = std::min(pointer.find('/', 1), pointer.size());
  std::string name;
  for (std::size_t i = 1; i < end; ++i) {
    if (pointer[i] == '~' && i + 1 < end) {
      name += pointer[++i] == '1' ? '/' : '~';
    } else {
      name += pointer[i];
    }
  }
  return {name, pointer.substr(end)};
}

std::optional<std::size_t> number_of(const std::string& text) {
  std::size_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

Value value_of(const Node& node) {
  switch (node.kind) {
    case language::NodeKind::null: return {};
    case language::NodeKind::scalar: return scalar_of(node);
    case language::NodeKind::sequence: {
      Value::List items;
      for (const Node& item : node.items) items.push_back(value_of(item));
      return Value::list(std::move(items));
    }
    case language::NodeKind::map: {
      Value::Map entries;
      for (std::size_t i = 0; i < node.items.size(); ++i)
        entries.push_back({Value::string(node.keys[i].text), value_of(node.items[i])});
      return Value::map(std::move(entries));
    }
  }
  return {};
}

Place place_of(const Node& root, std::string_view pointer) {
  const Node* node = &root;
  Span place = root.is_map() && !root.keys.empty() ? root.keys[0].span : root.span;
  while (!pointer.empty()) {
    const auto [name, rest] = split(pointer);
    pointer = rest;
    if (node->is_map()) {
      const auto key =
          std::find_if(node->keys.begin(), node->keys.end(), [&, &wanted = name](const Node& one) {
            return one.text == wanted;
          });
      if (key == node->keys.end()) return {place, false};
      place = key->span;
      node = &node->items[static_cast<std::size_t>(key - node->keys.begin())];
    } else {
      const auto number = node->is_sequence() ? number_of(name) : std::nullopt;
      if (!number || *number >= node->items.size()) return {place, false};
      node = &node->items[*number];
      place = node->is_map() && !node->keys.empty() ? node->keys[0].span : node->span;
    }
  }
  return {node->is_scalar() ? node->span : place, true};
}

Result<CatalogFiles> read_catalog(const std::vector<std::string>& paths) {
  const auto found = find_files(paths);
  if (!found) return Failure(found.error());
  CatalogFiles catalog;
  for (const machine::SourceFile& file : found->sources.files) {
    const auto& named = found->named;
    if (std::find(named.begin(), named.end(), file.name) == named.end()) continue;
    language::SourceText source(file.name, file.text);
    const std::size_t before = catalog.diagnostics.size();
    auto root = language::read_yaml(source, catalog.diagnostics);
    if (!root || catalog.diagnostics.size() != before) continue;
    Value document = value_of(*root);
    catalog.files.push_back({std::move(source), *std::move(root), std::move(document)});
  }
  return catalog;
}

Diagnostic complaint(const CatalogFiles& files,
                     const std::string& code,
                     const std::string& pointer,
                     const std::string& message) {
  Diagnostic diagnostic;
  diagnostic.code = code;
  diagnostic.message = message;
  if (!pointer.starts_with(k_documents)) {
    if (!pointer.empty()) diagnostic.message = pointer + ": " + message;
    return diagnostic;
  }
  const auto [number, rest] = split(std::string_view(pointer).substr(k_documents.size() - 1));
  const auto at = number_of(number);
  if (!at || *at >= files.files.size()) return diagnostic;
  const CatalogFile& file = files.files[*at];
  diagnostic.file = file.source.name();
  const Place place = place_of(file.root, rest);
  diagnostic.span = place.span;
  // What isn't there can't be pointed at: it is named.
  if (!place.is_there) diagnostic.message = std::string(rest) + ": " + message;
  return diagnostic;
}

std::string render(const std::vector<Diagnostic>& diagnostics, const CatalogFiles& files) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) {
    const auto file =
        std::find_if(files.files.begin(), files.files.end(), [&](const CatalogFile& one) {
          return one.source.name() == diagnostic.file;
        });
    out += vozex::render(diagnostic,
                         file == files.files.end() ? std::string_view() : file->source.text());
  }
  return out;
}

}  // namespace vozex::cli

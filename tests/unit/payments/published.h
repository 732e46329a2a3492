// SPDX-License-Identifier: Apache-2.0
//
// The published bodies and signatures of gateways: data beside the source tree, not part of it.
// Tests that need it are skipped where it is missing. Golden files are rewritten by running with
// VOZEX_UPDATE_GOLDEN=1; read the diff.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include <nlohmann/json.hpp>

#include "adapters/payments/fact.h"
#include "adapters/payments/gateway.h"
#include "engine/types/json.h"

namespace vozex::payments {

inline const std::filesystem::path k_published =
    std::filesystem::path(VOZEX_SOURCE_DIR) / "../shared/conformance/payments";

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

inline nlohmann::json published_vectors(const std::string& gateway) {
  return nlohmann::json::parse(read_file(k_published / (gateway + ".json"))).at("vectors");
}

inline std::set<std::filesystem::path> published_bodies(const std::string& gateway) {
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(k_published / "payloads" / gateway))
    files.insert(entry.path());
  return files;
}

inline http::Headers headers_of(const nlohmann::json& vector) {
  http::Headers headers;
  for (const auto& [name, value] : vector.at("headers").items()) headers.push_back({name, value});
  return headers;
}

// One event as lines of a golden file.
inline std::string golden_lines(const std::string& name, const Result<WebhookEvent>& event) {
  if (!event) return name + " -> error " + event.error().code + ": " + event.error().message + "\n";
  return name + " -> " + event->type + " at " + format_timestamp(event->time) +
         (event->needs_lookup ? " needs look-up" : "") + "\n  " + types::to_json(event->data) +
         "\n" + "  fact " + fact_of(*event) + "\n";
}

// What the golden file holds; it becomes `actual` when golden files are to be rewritten.
inline std::string golden(const std::string& file, const std::string& actual) {
  const auto path = std::filesystem::path(VOZEX_SOURCE_DIR) / "tests/unit/payments/golden" / file;
  if (std::getenv("VOZEX_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << actual;
  return read_file(path);
}

}  // namespace vozex::payments

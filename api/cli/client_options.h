// SPDX-License-Identifier: Apache-2.0
//
// The options that every command with a server behind it has. Sees CLI11.
#pragma once

#include <memory>

#include <CLI/CLI.hpp>

#include "api/cli/client.h"

namespace vozex::cli {

inline std::shared_ptr<ClientSettings> add_client_options(CLI::App& command) {
  auto settings = std::make_shared<ClientSettings>();
  command.add_option("--url", settings->url, "the server (VOZEX_URL)");
  command.add_option("--key", settings->key, "the API key (VOZEX_API_KEY)");
  command
      .add_option("--dev-state",
                  settings->state,
                  "state folder of `vozex dev`, where both are found by default")
      ->envname("VOZEX_STATE");
  command.add_option("-o,--output", settings->format, "table, json or jsonl")
      ->check(CLI::IsMember({"table", "json", "jsonl"}));
  return settings;
}

}  // namespace vozex::cli

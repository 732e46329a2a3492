// SPDX-License-Identifier: Apache-2.0
//
// What a server, a development house and a sandbox are started with. A value comes from its flag,
// else from the environment, else from the configuration file, else it is the default here. Secrets
// are references: `env:NAME`, `file:/path`. Specification: docs/operations.md. Thread rule: plain
// values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/types/value.h"

namespace vozex::cli {

// How long what is over stays in the database; without a value: for ever.
struct RetentionSettings {
  std::optional<Duration> ended;          // instances and their history, then they are archived
  std::optional<Duration> marks;          // of events taken: a repetition after that is a new event
  std::optional<Duration> batches;        // of ops, with what came of each item
  std::string archive;                    // folder; "" = <state>/archive
  Duration every{std::chrono::hours{1}};  // a server looks so often
};

struct ServeSettings {
  std::string listen = "127.0.0.1:8080";
  std::string store;                        // "" = sqlite in the state folder
  std::vector<std::string> workflows;       // files and folders, deployed at start
  std::string state = ".vozex";             // folder: database, signing key
  std::string artifacts;                    // folder of files to deliver; "" = <state>/artifacts
  std::string public_url;                   // as seen from outside; "" = http://<listen>
  std::string signing_key;                  // file; "" = <state>/license-signing.key
  std::string log = "console";              // or json
  std::map<std::string, std::string> keys;  // API keys: name -> secret reference
  types::Value gateways;  // {dodo: {...}, paypal: {...}, stripe: {...}}: docs/gateways.md
  types::Value adapters;  // {carrier: {base, secrets: {NAME: reference}}}: adapters over HTTP
  types::Value config;    // values of workflows' `config:`
  RetentionSettings retention;
  std::size_t lanes = 2;
  std::size_t threads = 2;
  Duration session_lease{std::chrono::seconds{15}};
  Duration session_beat{std::chrono::seconds{3}};
  std::map<std::string, std::size_t> concurrency;  // calls under way at once, by adapter
  std::size_t max_queued_events = 20'000;          // beyond: 429
  std::size_t max_parked_events = 100'000;         // waiting for their instance, for each tenant
  Duration max_parked_time{std::chrono::hours{24 * 7}};  // so long
};

struct SandboxSettings {
  std::string listen = "127.0.0.1:4010";
  std::string api_key;         // "" = the sandbox's own
  std::string webhook_secret;  // "" = the sandbox's own
  std::string webhook_url = "http://127.0.0.1:8080/webhooks/dodo";
};

struct DevSettings {
  std::string listen = "127.0.0.1:8080";
  std::string sandbox_listen = "127.0.0.1:4010";
  std::string store;
  std::string state = ".vozex";
  std::vector<std::string> workflows;
  types::Value adapters;  // as in ServeSettings
  std::string log = "console";
};

// The members of a configuration file over what `settings` has. Relative paths are relative to the
// file's folder. Errors: config_unreadable, config_invalid (with the lines that are wrong).
Result<ServeSettings> with_config_file(ServeSettings settings, const std::string& path);

// `adapters` with the bases of flags "NAME=URL". Error invalid_argument.
Result<types::Value> with_adapter_bases(types::Value adapters,
                                        const std::vector<std::string>& bases);

// "host:port". Error invalid_address.
struct Address {
  std::string host;
  std::uint16_t port = 0;
};
Result<Address> parse_address(const std::string& text);

}  // namespace vozex::cli

// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/layering/table.h"

namespace vozex::layering {
namespace {

constexpr std::string_view k_take_time = "take the time as an argument: it comes with the event";
constexpr std::string_view k_take_random =
    "take the random value as an argument: it comes in with the event";
constexpr std::string_view k_use_clock_port =
    "ask the clock port of engine/ports, or be a *_driver.cc";
constexpr std::string_view k_use_random_port = "ask the random port of engine/ports";
constexpr std::string_view k_move_to_driver =
    "put it into a *_driver.cc, *_driver.h or *_thread.cc that only drives the core";
constexpr std::string_view k_use_ordered =
    "use std::map, std::set or a sorted vector: iteration order must not depend on the process";

std::vector<BannedWord> clock_words(std::string_view instead) {
  return {{"::now", instead},
          {"std::time(", instead},
          {"time(nullptr", instead},
          {"gettimeofday", instead},
          {"clock_gettime", instead},
          {"current_zone", "name the zone: the machine's own zone differs between processes"}};
}

std::vector<BannedWord> random_words(std::string_view instead) {
  return {{"std::random_device", instead},
          {"std::mt19937", instead},
          {"std::default_random_engine", instead},
          {"rand(", instead},
          {"getrandom", instead},
          {"RAND_bytes", instead}};
}

std::vector<BannedWord> joined(std::vector<BannedWord> a, const std::vector<BannedWord>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

WordRule pure_folder(std::string_view folder) {
  return {folder, false, joined(clock_words(k_take_time), random_words(k_take_random))};
}

WordRule runtime_rule() {
  return {"engine/runtime",
          true,
          joined(joined(clock_words(k_use_clock_port), random_words(k_use_random_port)),
                 {{"std::thread", k_move_to_driver},
                  {"std::jthread", k_move_to_driver},
                  {"std::async", k_move_to_driver},
                  {"std::this_thread", k_move_to_driver},
                  {"std::mutex", k_move_to_driver},
                  {"std::recursive_mutex", k_move_to_driver},
                  {"std::shared_mutex", k_move_to_driver},
                  {"std::timed_mutex", k_move_to_driver},
                  {"std::condition_variable", k_move_to_driver},
                  {"std::condition_variable_any", k_move_to_driver},
                  {"std::unordered_", k_use_ordered}})};
}

// A room of the runtime sees the public door of the engine, what lies below the runtime, and the
// rooms named here.
FolderRule runtime_room(std::string_view folder, const std::vector<std::string_view>& rooms) {
  FolderRule rule = {folder,
                     {"engine/base",
                      "engine/types",
                      "engine/expr",
                      "engine/machine",
                      "engine/language",
                      "engine/step",
                      "engine/ports",
                      "engine/runtime/engine.h",
                      "engine/runtime/timers/timer_lag.h"}};
  rule.may_include.insert(rule.may_include.end(), rooms.begin(), rooms.end());
  return rule;
}

constexpr std::string_view k_definitions = "engine/runtime/definitions";
constexpr std::string_view k_items = "engine/runtime/items";
constexpr std::string_view k_calls = "engine/runtime/calls";
constexpr std::string_view k_timers = "engine/runtime/timers";
constexpr std::string_view k_batch = "engine/runtime/batch";

}  // namespace

const std::vector<FolderRule>& folder_rules() {
  static const std::vector<FolderRule> rules = {
      runtime_room(k_definitions, {}),
      runtime_room(k_items, {k_definitions}),
      runtime_room(k_calls, {k_definitions, k_items}),
      runtime_room(k_timers, {k_definitions, k_items}),
      runtime_room(k_batch, {k_definitions, k_items, k_calls}),
      runtime_room("engine/runtime/lanes", {k_definitions, k_items, k_batch}),
      runtime_room("engine/runtime/sessions", {k_definitions, k_items, k_calls, k_timers, k_batch}),
      runtime_room("engine/runtime/ops", {k_definitions, k_items, k_batch}),
      {"engine/base", {}},
      {"engine/types", {"engine/base"}},
      {"engine/expr", {"engine/base", "engine/types"}},
      {"engine/machine", {"engine/base", "engine/types", "engine/expr"}},
      {"engine/language", {"engine/base", "engine/types", "engine/expr", "engine/machine"}},
      {"engine/step", {"engine/base", "engine/types", "engine/expr", "engine/machine"}},
      {"engine/ports", {"engine/base", "engine/types", "engine/machine"}},
      {"engine/runtime",
       {"engine/base",
        "engine/types",
        "engine/expr",
        "engine/machine",
        "engine/language",
        "engine/step",
        "engine/ports"}},
      {"engine/lab", {"engine"}},
      {"adapters/http",
       {"engine/base", "engine/types", "engine/expr", "engine/machine", "engine/ports"}},
      {"adapters", {"engine/base", "engine/types", "engine/machine", "engine/ports"}},
      {"api", {"engine"}},
  };
  return rules;
}

const std::vector<LibraryRule>& library_rules() {
  static const std::vector<LibraryRule> rules = {
      {"fmt/", {"engine", "adapters", "api"}, ""},
      {"tl/", {"engine", "adapters", "api"}, ""},
      {"nlohmann/",
       {"engine/types",
        "engine/expr",
        "engine/machine",
        "engine/language",
        "engine/step",
        "engine/ports",
        "engine/runtime",
        "engine/lab",
        "adapters",
        "api"},
       "engine/base knows no JSON: put it into engine/types"},
      {"rapidjson/", {"engine/types/json_read.cc"}, "read JSON through engine/types/json.h"},
      {"yaml-cpp/", {"engine/language"}, "read YAML through engine/language"},
      {"re2/", {"engine/expr", "engine/types/constraints.cc"}, "match through engine/expr"},
      {"arpa/inet.h",
       {"engine/types/constraints.cc", "adapters", "api"},
       "addresses are read by engine/types/constraints.h"},
      {"date/", {"engine/expr"}, "time zones are the business of engine/expr"},
      {"spdlog/",
       {"engine/runtime", "adapters", "api"},
       "return an Error, or log in engine/runtime"},
      {"openssl/",
       {"engine/base/sha256.cc",
        "engine/base/random.cc",
        "engine/base/random.h",
        "adapters",
        "api"},
       "in the engine only engine/base/sha256.cc and engine/base/random.* touch OpenSSL"},
      {"sodium", {"adapters"}, "libsodium stays in adapters/"},
      {"pqxx/", {"adapters/postgres"}, "go through the Store port"},
      {"libpq", {"adapters/postgres"}, "go through the Store port"},
      {"postgresql/", {"adapters/postgres"}, "go through the Store port"},
      {"sqlite3", {"adapters/sqlite"}, "go through the Store port"},
      {"cmark", {"api/handlers/documents.cc"}, "pages are served by api/handlers/documents.cc"},
      {"zlib.h", {"adapters/archive", "api"}, "compress through adapters/archive/gzip.h"},
      {"curl/", {"adapters/http", "api/cli"}, "use adapters/http/http_client.h"},
      {"boost/beast", {"api/http", "api/sandbox"}, "Beast stays in api/http and api/sandbox"},
      {"boost/asio", {"adapters", "api"}, "the engine does no input or output"},
      {"boost/",
       {"adapters", "api"},
       "the engine takes the standard library, fmt and tl::expected"},
      {"CLI/", {"api/cli", "api/main.cc"}, "command-line parsing stays in api/cli"},
      {"prometheus/", {"api"}, "count through a port; metrics are exposed in api"},
      {"gtest/", {}, "GoogleTest belongs in tests/"},
      {"gmock/", {}, "GoogleTest belongs in tests/"},
  };
  return rules;
}

const std::vector<WordRule>& word_rules() {
  static const std::vector<WordRule> rules = {pure_folder("engine/expr"),
                                              pure_folder("engine/machine"),
                                              pure_folder("engine/step"),
                                              runtime_rule()};
  return rules;
}

const std::vector<std::string_view>& public_adapter_headers() {
  static const std::vector<std::string_view> headers = {"adapters/catalog/catalog_store.h",
                                                        "adapters/catalog/entry.h",
                                                        "adapters/fulfillment/config_schema.h",
                                                        "adapters/fulfillment/license_store.h",
                                                        "adapters/http/call_errors.h",
                                                        "adapters/http/http_client.h",
                                                        "adapters/http/signing.h",
                                                        "adapters/http/standard_webhooks.h",
                                                        "adapters/payments/amounts.h",
                                                        "adapters/payments/gateway.h",
                                                        "adapters/payments/offer.h",
                                                        "adapters/payments/router.h"};
  return headers;
}

}  // namespace vozex::layering

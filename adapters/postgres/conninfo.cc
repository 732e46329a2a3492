// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/conninfo.h"

#include <libpq-fe.h>

#include <memory>

namespace vozex::postgres {
namespace {

using Settings = std::map<std::string, std::string>;

const Settings& defaults() {
  static const Settings settings = {{"connect_timeout", "5"},
                                    {"keepalives", "1"},
                                    {"keepalives_idle", "10"},
                                    {"keepalives_interval", "5"},
                                    {"keepalives_count", "3"},
                                    {"tcp_user_timeout", "20000"},
                                    {"application_name", "vozex"}};
  return settings;
}

constexpr const char* k_unlimited =
    " -c statement_timeout=0 -c idle_in_transaction_session_timeout=0";

std::string server_settings(Profile profile) {
  std::string options = "-c TimeZone=UTC -c jit=off -c DateStyle=ISO";
  if (profile == Profile::setup) return options;
  options +=
      " -c statement_timeout=10s -c lock_timeout=2s -c idle_in_transaction_session_timeout=10s";
  if (profile == Profile::lane) {
    // A generic plan made while a table was empty stays; with these it is the right one at any
    // size.
    options +=
        " -c plan_cache_mode=force_generic_plan -c enable_hashjoin=off -c enable_mergejoin=off"
        " -c enable_seqscan=off";
  }
  return options;
}

struct OptionsFree {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

}  // namespace

Result<Settings> connection_settings(const std::string& url, Profile profile) {
  char* problem = nullptr;
  const std::unique_ptr<PQconninfoOption, OptionsFree> parsed(
      PQconninfoParse(url.c_str(), &problem));
  if (parsed == nullptr) {
    // libpq's text may quote the password.
    PQfreemem(problem);
    return fail(ErrorClass::invalid,
                "store_url",
                "the store's URL can't be read; expected postgresql://user@host:port/database");
  }
  Settings settings = defaults();
  for (const PQconninfoOption* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) settings[option->keyword] = option->val;
  }
  settings["client_encoding"] = "UTF8";
  std::string& options = settings["options"];
  // The URL's own come last, so that they win; but a migration takes as long as it takes, whatever
  // statements of a server at work may.
  options = server_settings(profile) + (options.empty() ? "" : " " + options);
  if (profile == Profile::setup) options += k_unlimited;
  return settings;
}

}  // namespace vozex::postgres

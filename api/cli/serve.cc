// SPDX-License-Identifier: Apache-2.0
// A flag counts before its environment variable, both before the configuration file.
#include <memory>

#include <CLI/CLI.hpp>

#include "api/cli/exit_codes.h"
#include "api/cli/gateway_options.h"
#include "api/cli/output.h"
#include "api/cli/program.h"
#include "engine/types/json.h"

namespace vozex::cli {
namespace {

using types::Value;

// What was given, before it is known what the file says.
struct Given {
  std::string config;
  std::string listen, store, state, artifacts, public_url, log, lease, beat;
  std::vector<std::string> workflows;
  std::vector<std::string> keys;
  std::vector<std::string> adapters;
  std::vector<std::string> gateways;
  std::string dodo_url, dodo_key, dodo_product;
  std::vector<std::string> dodo_webhook_secrets;
  std::size_t lanes = 0;
};

Result<void> take_duration(const std::string& text, const char* name, Duration& into) {
  if (text.empty()) return {};
  const auto parsed = parse_duration(text);
  if (!parsed || *parsed <= Duration::zero()) {
    return fail(ErrorClass::invalid,
                "invalid_argument",
                std::string(name) + ": expected a duration like 15s, got \"" + text + "\".");
  }
  into = *parsed;
  return {};
}

Value with_dodo(const Value& gateways, const Given& given) {
  const bool any = !given.dodo_url.empty() || !given.dodo_key.empty() ||
                   !given.dodo_product.empty() || !given.dodo_webhook_secrets.empty();
  if (!any) return gateways;
  const Value* known = gateways.find("dodo");
  Value dodo = known != nullptr && known->is_map() ? *known : Value::map({});
  const auto put = [&](const char* name, const std::string& text) {
    if (!text.empty()) dodo = dodo.with(name, Value::string(text));
  };
  put("base_url", given.dodo_url);
  put("api_key", given.dodo_key);
  put("product_ref", given.dodo_product);
  if (!given.dodo_webhook_secrets.empty()) {
    Value::List secrets;
    for (const std::string& secret : given.dodo_webhook_secrets)
      secrets.push_back(Value::string(secret));
    dodo = dodo.with("webhook_secrets", Value::list(std::move(secrets)));
  }
  return (gateways.is_map() ? gateways : Value::map({})).with("dodo", dodo);
}

Result<ServeSettings> settings_of(const Given& given) {
  ServeSettings settings;
  if (!given.config.empty()) {
    auto read = with_config_file(settings, given.config);
    if (!read) return read;
    settings = *std::move(read);
  }
  const auto put = [](const std::string& from, std::string& into) {
    if (!from.empty()) into = from;
  };
  put(given.listen, settings.listen);
  put(given.store, settings.store);
  put(given.state, settings.state);
  put(given.artifacts, settings.artifacts);
  put(given.public_url, settings.public_url);
  put(given.log, settings.log);
  if (!given.workflows.empty()) settings.workflows = given.workflows;
  if (given.lanes > 0) settings.lanes = given.lanes;
  for (const std::string& key : given.keys) {
    const std::size_t equals = key.find('=');
    if (equals == std::string::npos || equals == 0) {
      return fail(ErrorClass::invalid,
                  "invalid_argument",
                  "--api-key: expected NAME=env:VARIABLE or NAME=file:/path, got \"" + key + "\".");
    }
    settings.keys[key.substr(0, equals)] = key.substr(equals + 1);
  }
  auto gateways = with_gateways(with_dodo(settings.gateways, given), given.gateways);
  if (!gateways) return tl::unexpected(gateways.error());
  settings.gateways = *std::move(gateways);
  auto adapters = with_adapter_bases(settings.adapters, given.adapters);
  if (!adapters) return tl::unexpected(adapters.error());
  settings.adapters = *std::move(adapters);
  if (auto good = take_duration(given.lease, "--session-lease", settings.session_lease); !good)
    return tl::unexpected(good.error());
  if (auto good = take_duration(given.beat, "--session-beat", settings.session_beat); !good)
    return tl::unexpected(good.error());
  return settings;
}

}  // namespace

void add_serve(CLI::App& app, Program& program) {
  CLI::App* command =
      app.add_subcommand("serve",
                         "Run the server\n\n"
                         "  vozex serve --config /etc/vozex.yaml\n"
                         "  vozex serve --store postgresql://vozex@db.example/vozex --workflows "
                         "./workflows --api-key shop=env:SHOP_KEY\n");
  auto given = std::make_shared<Given>();
  command->add_option("--config", given->config, "configuration file (YAML)")
      ->envname("VOZEX_CONFIG");
  command->add_option("--listen", given->listen, "host:port; port 0 is any free one")
      ->envname("VOZEX_LISTEN");
  command->add_option("--store", given->store, "sqlite:///path or postgresql://...")
      ->envname("VOZEX_STORE");
  command->add_option("--workflows", given->workflows, "files and folders, deployed at start")
      ->envname("VOZEX_WORKFLOWS");
  command->add_option("--artifacts", given->artifacts, "folder of the files to deliver")
      ->envname("VOZEX_ARTIFACTS");
  command->add_option("--state", given->state, "folder for the database and the signing key")
      ->envname("VOZEX_STATE");
  command->add_option("--public-url", given->public_url, "as seen from outside: of download links")
      ->envname("VOZEX_PUBLIC_URL");
  command->add_option("--log", given->log, "console or json")
      ->envname("VOZEX_LOG")
      ->check(CLI::IsMember({"console", "json"}));
  command->add_option("--api-key", given->keys, "NAME=env:VARIABLE or NAME=file:/path; several");
  command->add_option("--adapter",
                      given->adapters,
                      "NAME=URL: where an adapter over HTTP is in this installation; several");
  command->add_option("--gateway",
                      given->gateways,
                      "NAME.SETTING=VALUE: of dodo, paypal or stripe, like "
                      "stripe.api_key=env:STRIPE_KEY; several");
  command->add_option("--dodo-url", given->dodo_url, "base URL of Dodo Payments")
      ->envname("VOZEX_DODO_URL");
  command->add_option("--dodo-key", given->dodo_key, "its API key: env:NAME or file:/path")
      ->envname("VOZEX_DODO_KEY");
  command
      ->add_option("--dodo-webhook-secret",
                   given->dodo_webhook_secrets,
                   "env:NAME or file:/path; several while one is rotated")
      ->envname("VOZEX_DODO_WEBHOOK_SECRET");
  command->add_option("--dodo-product", given->dodo_product, "its pay-what-you-want product")
      ->envname("VOZEX_DODO_PRODUCT");
  command->add_option("--lanes", given->lanes, "threads that commit");
  command->add_option(
      "--session-lease", given->lease, "after this without a heartbeat a process counts as dead");
  command->add_option("--session-beat", given->beat, "between two heartbeats");
  command->callback([&program, given] {
    const auto settings = settings_of(*given);
    if (!settings) {
      say_error(settings.error());
      program.exit_code = k_usage;
      return;
    }
    program.exit_code = program.composition.serve(*settings);
  });
}

}  // namespace vozex::cli

// SPDX-License-Identifier: Apache-2.0
// The program: the command line, and behind it everything put together.
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "adapters/archive/archiver.h"
#include "adapters/system/clock.h"
#include "adapters/system/secrets.h"
#include "api/catalog_door.h"
#include "api/cli/doctor.h"
#include "api/cli/exit_codes.h"
#include "api/cli/output.h"
#include "api/cli/program.h"
#include "api/doctor.h"
#include "api/doors.h"
#include "api/house.h"
#include "api/logging.h"
#include "api/retention.h"
#include "api/sandbox/sandbox.h"
#include "api/storage.h"

namespace vozex::program {
namespace {

// Where a sandbox writes what PayPal's `ca_file` must be.
constexpr const char* k_paypal_ca = "VOZEX_SANDBOX_PAYPAL_CA";

int exit_code_of(const Error& error) {
  if (error.kind == ErrorClass::unavailable) return cli::k_unreachable;
  if (error.kind == ErrorClass::refused) return cli::k_refused;
  return cli::k_findings;
}

int migrate(const std::string& url, bool distribute) {
  const auto storage = open_storage(url);
  if (!storage) {
    cli::say_error(storage.error());
    return exit_code_of(storage.error());
  }
  cli::say(public_text(url) + " has the tables of this version");
  if (!distribute) return cli::k_ok;
  const auto spread = distribute_storage(url);
  if (!spread) {
    cli::say_error(spread.error());
    return exit_code_of(spread.error());
  }
  cli::say("spread " + std::to_string(*spread) + " tables over the cluster");
  return cli::k_ok;
}

int archive(const cli::ServeSettings& given) {
  const cli::ServeSettings settings = completed(given);
  const auto& retention = settings.retention;
  if (!retention.ended && !retention.marks && !retention.batches) {
    cli::say("error: nothing is to be archived: say how old, with --ended 90d or `retention:`");
    return cli::k_usage;
  }
  const auto plan = plan_of(settings.retention);
  auto storage = plan ? open_storage(settings.store) : Failure(plan.error());
  if (!storage) {
    cli::say_error(storage.error());
    return exit_code_of(storage.error());
  }
  vozex::archive::Archiver archiver(
      (*storage)->retention(), vozex::archive::Archive(settings.retention.archive), *plan);
  const auto turn = archiver.run_once(system::SystemClock().now());
  if (!turn) {
    cli::say_error(turn.error());
    return exit_code_of(turn.error());
  }
  cli::say(told(*turn) + (turn->taken ? " (" + settings.retention.archive + ")" : ""));
  return turn->taken ? cli::k_ok : cli::k_conflict;
}

int show_archived(const std::string& folder, const std::string& id) {
  const auto instance = InstanceId::parse(id);
  if (!instance) {
    cli::say("error: expected the id of an instance, got \"" + id + "\"");
    return cli::k_usage;
  }
  const auto line = vozex::archive::Archive(folder).find(*instance);
  if (!line) {
    cli::say_error(line.error());
    return exit_code_of(line.error());
  }
  if (!*line) {
    cli::say("error: no instance " + id + " in " + folder);
    return cli::k_not_found;
  }
  std::cout << **line << "\n";
  return cli::k_ok;
}

int sandbox(const cli::SandboxSettings& settings) {
  set_up_logging("console");
  const auto address = cli::parse_address(settings.listen);
  if (!address) {
    cli::say_error(address.error());
    return cli::k_usage;
  }
  vozex::sandbox::SandboxOptions options;
  options.address = address->host;
  options.port = address->port;
  options.webhook_url = settings.webhook_url;
  if (const char* path = std::getenv(k_paypal_ca)) options.paypal_ca_file = path;
  const system::SystemSecrets secrets;
  for (const auto& [reference, into] :
       {std::pair(&settings.api_key, &options.api_key),
        std::pair(&settings.webhook_secret, &options.webhook_secret)}) {
    if (reference->empty()) continue;
    const auto secret = secrets.get(*reference);
    if (!secret) {
      cli::say("error: there is no secret " + *reference + ": expected env:NAME or file:/path");
      return cli::k_usage;
    }
    *into = *secret;
  }
  return vozex::sandbox::run_sandbox(options);
}

// The commerce workflows: beside the installed program, else where it was built.
std::vector<std::string> default_workflows() {
  std::error_code ignored;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  for (const std::filesystem::path& folder : {program.parent_path() / "workflows",
                                              program.parent_path() / "../share/vozex/workflows",
                                              program.parent_path() / "../../workflows",
                                              std::filesystem::path(VOZEX_WORKFLOWS)}) {
    if (std::filesystem::is_directory(folder / "commerce", ignored))
      return {folder.lexically_normal().string()};
  }
  return {};
}

}  // namespace
}  // namespace vozex::program

int main(int argc, char** argv) {
  using namespace vozex;
  cli::Composition composition;
  composition.serve = program::serve;
  composition.dev = program::dev;
  composition.sandbox = program::sandbox;
  composition.migrate = program::migrate;
  composition.archive = program::archive;
  composition.show_archived = program::show_archived;
  composition.verify_license = [](const std::string& document, const std::string& key) {
    return program::verify_license_file(document, key, system::SystemClock().now());
  };
  composition.check_catalog = program::check_catalog;
  composition.version = VOZEX_VERSION;
  composition.default_workflows = program::default_workflows();
  return cli::run(argc, argv, composition, program::doctor);
}

// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include <CLI/CLI.hpp>

#include "api/cli/exit_codes.h"
#include "api/cli/output.h"
#include "api/cli/program.h"

namespace vozex::cli {
namespace {

struct Given {
  std::string config, store, to, ended, marks, batches;
};

Result<void> take(const std::string& text, const char* name, std::optional<Duration>& into) {
  if (text.empty()) return {};
  into = parse_duration(text);
  if (into && *into >= Duration::zero()) return {};
  return fail(ErrorClass::invalid,
              "invalid_argument",
              std::string(name) + ": expected a duration like 90d, got \"" + text + "\".");
}

Result<ServeSettings> settings_of(const Given& given) {
  ServeSettings settings;
  if (!given.config.empty()) {
    auto read = with_config_file(settings, given.config);
    if (!read) return read;
    settings = *std::move(read);
  }
  if (!given.store.empty()) settings.store = given.store;
  if (!given.to.empty()) settings.retention.archive = given.to;
  if (auto good = take(given.ended, "--ended", settings.retention.ended); !good)
    return tl::unexpected(good.error());
  if (auto good = take(given.marks, "--marks", settings.retention.marks); !good)
    return tl::unexpected(good.error());
  if (auto good = take(given.batches, "--batches", settings.retention.batches); !good)
    return tl::unexpected(good.error());
  return settings;
}

void add_show(CLI::App& group, Program& program) {
  CLI::App* show = group.add_subcommand(
      "show",
      "The archived record of an instance, as JSON\n\n"
      "  vozex archive show 0197c1d2-6f00-7c3e-9d2b-5a1f0e8b7c64 --from /var/lib/vozex/archive\n");
  auto id = std::make_shared<std::string>();
  auto from = std::make_shared<std::string>(".vozex/archive");
  show->add_option("id", *id, "of the instance")->required();
  show->add_option("--from", *from, "folder of the archive")->capture_default_str();
  show->callback(
      [&program, id, from] { program.exit_code = program.composition.show_archived(*from, *id); });
}

}  // namespace

void add_archive(CLI::App& app, Program& program) {
  CLI::App* group = app.add_subcommand(
      "archive",
      "Move what has ended out of the database, once\n\n"
      "  vozex archive --config /etc/vozex.yaml\n"
      "  vozex archive --store postgresql://vozex@db.example/vozex --ended 90d --to ./archive\n");
  auto given = std::make_shared<Given>();
  group->require_subcommand(0, 1);
  group->add_option("--config", given->config, "configuration file (YAML)")
      ->envname("VOZEX_CONFIG");
  group->add_option("--store", given->store, "sqlite:///path or postgresql://...")
      ->envname("VOZEX_STORE");
  group->add_option("--to", given->to, "folder of the archive");
  group->add_option("--ended", given->ended, "archive what ended so long ago, like 90d");
  group->add_option("--marks", given->marks, "forget events taken so long ago, like 180d");
  group->add_option("--batches", given->batches, "forget batches that ended so long ago");
  add_show(*group, program);
  group->final_callback([&program, given, group] {
    if (!group->get_subcommands().empty()) return;
    const auto settings = settings_of(*given);
    if (!settings) {
      say_error(settings.error());
      program.exit_code = k_usage;
      return;
    }
    program.exit_code = program.composition.archive(*settings);
  });
}

}  // namespace vozex::cli

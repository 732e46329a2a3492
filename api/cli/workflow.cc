// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "api/cli/client_options.h"
#include "api/cli/exit_codes.h"
#include "api/cli/files.h"
#include "api/cli/program.h"

namespace vozex::cli {
namespace {

using types::Value;

int list(const ClientSettings& settings) {
  return finish(every_page(Client(settings), "/v1/workflows", {}), [&](const Value& body) {
    print_list(
        member(body, "items"), settings.output(), {"workflow", "version", "title", "content_hash"});
  });
}

// "40 of version 1, 2 of version 2"
std::string live_text(const Value& live) {
  std::string text;
  for (const Value& one : live.as_list()) {
    text += (text.empty() ? "" : ", ") + cell_text(member(one, "instances")) + " of version " +
            cell_text(member(one, "version"));
  }
  return text;
}

void print_deployed(const ClientSettings& settings, const Value& items) {
  if (settings.output() != Format::table) return print_list(items, settings.output(), {});
  Value::List lines;
  for (const Value& item : items.as_list())
    lines.push_back(item.with("live", Value::string(live_text(member(item, "live")))));
  print_list(
      Value::list(std::move(lines)), Format::table, {"workflow", "version", "is_new", "live"});
  for (const Value& item : items.as_list()) {
    const Value live = member(item, "live");
    const bool others =
        std::any_of(live.as_list().begin(), live.as_list().end(), [&](const Value& one) {
          return member(one, "version") != member(item, "version");
        });
    if (others) {
      say("next: vozex migrate-instances plan " + cell_text(member(item, "workflow")) + " --to " +
          cell_text(member(item, "version")));
    }
  }
}

int deploy(const ClientSettings& settings, const std::vector<std::string>& paths, bool dry_run) {
  const auto found = find_files(paths);
  if (!found) {
    say_error(found.error());
    return k_not_found;
  }
  Value::List files;
  for (const machine::SourceFile& file : found->sources.files) {
    files.push_back(
        Value::object({{"name", Value::string(file.name)}, {"text", Value::string(file.text)}}));
  }
  const Value body = Value::object(
      {{"dry_run", Value::boolean(dry_run)}, {"files", Value::list(std::move(files))}});
  return finish(Client(settings).send("POST", "/v1/workflows", body), [&](const Value& answer) {
    print_deployed(settings, member(answer, dry_run ? "would_deploy" : "deployed"));
  });
}

}  // namespace

void add_workflow(CLI::App& app, Program& program) {
  CLI::App* group = app.add_subcommand("workflow", "Workflows that are deployed");
  group->require_subcommand(1);
  CLI::App* ls = group->add_subcommand("ls", "What is deployed\n\n  vozex workflow ls -o json\n");
  auto ls_settings = add_client_options(*ls);
  ls->callback([&program, ls_settings] { program.exit_code = list(*ls_settings); });

  CLI::App* put = group->add_subcommand(
      "deploy",
      "Deploy files, and say how many instances live on which version\n\n  vozex workflow deploy "
      "workflows/commerce --dry-run\n");
  auto put_settings = add_client_options(*put);
  auto paths = std::make_shared<std::vector<std::string>>();
  put->add_option("paths", *paths, "files and folders")->required();
  auto dry_run = std::make_shared<bool>(false);
  put->add_flag("--dry-run", *dry_run, "only say what it would do");
  put->callback([&program, put_settings, paths, dry_run] {
    program.exit_code = deploy(*put_settings, *paths, *dry_run);
  });
}

}  // namespace vozex::cli

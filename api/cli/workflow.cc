// SPDX-License-Identifier: Apache-2.0
#include "api/cli/client_options.h"
#include "api/cli/exit_codes.h"
#include "api/cli/files.h"
#include "api/cli/program.h"

namespace vozex::cli {
namespace {

using types::Value;

int list(const ClientSettings& settings) {
  return finish(Client(settings).send("GET", "/v1/workflows"), [&](const Value& body) {
    print_list(
        member(body, "items"), settings.output(), {"workflow", "version", "title", "content_hash"});
  });
}

int deploy(const ClientSettings& settings, const std::vector<std::string>& paths) {
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
  const Value body = Value::object({{"files", Value::list(std::move(files))}});
  return finish(Client(settings).send("POST", "/v1/workflows", body), [&](const Value& answer) {
    print_list(member(answer, "deployed"), settings.output(), {"workflow", "version", "is_new"});
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
      "deploy", "Deploy files\n\n  vozex workflow deploy workflows/commerce\n");
  auto put_settings = add_client_options(*put);
  auto paths = std::make_shared<std::vector<std::string>>();
  put->add_option("paths", *paths, "files and folders")->required();
  put->callback(
      [&program, put_settings, paths] { program.exit_code = deploy(*put_settings, *paths); });
}

}  // namespace vozex::cli

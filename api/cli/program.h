// SPDX-License-Identifier: Apache-2.0
//
// The command line `vozex`: what it understands, and what it asks of the composition (main.cc),
// which alone knows adapters. Each command declares itself in a file of its own. Thread rule: one
// thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/cli/settings.h"

namespace CLI {
class App;
}

namespace vozex::cli {

// Implemented beside main.cc; each returns the exit code.
struct Composition {
  std::function<int(const ServeSettings&)> serve;
  std::function<int(const DevSettings&)> dev;
  std::function<int(const SandboxSettings&)> sandbox;
  std::function<int(const std::string& store, bool distribute)> migrate;
  // What retention says, once; the record of one instance.
  std::function<int(const ServeSettings&)> archive;
  std::function<int(const std::string& folder, const std::string& id)> show_archived;
  // A licence document against a public key's text.
  std::function<int(const std::string& document, const std::string& public_key)> verify_license;
  // Everything that is wrong with documents of a catalogue: details at /documents/<number>/...
  std::function<Result<void>(const std::vector<types::Value>& documents)> check_catalog;
  std::string version;
  std::vector<std::string> default_workflows;  // where the commerce workflows are, for dev
};

// The exit code of the command that was run; commands set it.
struct Program {
  const Composition& composition;
  int exit_code = 0;
};

int run(int argc, char** argv, const Composition& composition);

void add_serve(CLI::App& app, Program& program);
void add_dev(CLI::App& app, Program& program);
void add_sandbox(CLI::App& app, Program& program);
void add_migrate(CLI::App& app, Program& program);
void add_archive(CLI::App& app, Program& program);
void add_version(CLI::App& app, Program& program);
void add_validate(CLI::App& app, Program& program);
void add_test(CLI::App& app, Program& program);
void add_explain(CLI::App& app, Program& program);
void add_eval(CLI::App& app, Program& program);
void add_diff(CLI::App& app, Program& program);
void add_new(CLI::App& app, Program& program);
void add_graph(CLI::App& app, Program& program);
void add_completion(CLI::App& app, Program& program);
void add_schema(CLI::App& app, Program& program);
void add_fmt(CLI::App& app, Program& program);
void add_lsp(CLI::App& app, Program& program);
void add_instance(CLI::App& app, Program& program);
void add_event(CLI::App& app, Program& program);
void add_workflow(CLI::App& app, Program& program);
void add_task(CLI::App& app, Program& program);
void add_audit(CLI::App& app, Program& program);
void add_call(CLI::App& app, Program& program);
void add_license(CLI::App& app, Program& program);

}  // namespace vozex::cli

// SPDX-License-Identifier: Apache-2.0
#include "api/cli/gateway.h"

#include "api/cli/client_options.h"
#include "api/cli/exit_codes.h"

namespace vozex::cli {
namespace {

int list(const ClientSettings& settings) {
  return finish(Client(settings).send("GET", "/v1/gateways"), [&](const types::Value& body) {
    print_list(member(body, "items"), settings.output(), {"name", "webhooks"});
  });
}

// Exit code 1 when the gateway doesn't take us.
int test(const ClientSettings& settings, const std::string& name) {
  const auto reply = Client(settings).send("POST", "/v1/gateways/" + url_encode(name) + "/test");
  if (const int code = complain(reply); code != k_ok) return code;
  const types::Value& body = reply->body;
  if (settings.output() != Format::table) {
    print_object(body, settings.output());
  } else {
    say(name + ": " + cell_text(member(body, "message")));
    if (const auto hint = cell_text(member(body, "hint")); !hint.empty()) say("next: " + hint);
  }
  return cell_text(member(body, "ok")) == "true" ? k_ok : k_findings;
}

}  // namespace

void add_gateway(CLI::App& app, Program& program) {
  CLI::App* group = app.add_subcommand("gateway", "Payment gateways of a running server");
  group->require_subcommand(1);
  CLI::App* ls = group->add_subcommand("ls", "Those that are configured\n\n  vozex gateway ls\n");
  auto listed = add_client_options(*ls);
  ls->callback([&program, listed] { program.exit_code = list(*listed); });
  CLI::App* check = group->add_subcommand(
      "test", "Ask one something harmless with its key\n\n  vozex gateway test stripe\n");
  auto tested = add_client_options(*check);
  auto name = std::make_shared<std::string>();
  check->add_option("name", *name, "of the gateway")->required();
  check->callback([&program, tested, name] { program.exit_code = test(*tested, *name); });
}

}  // namespace vozex::cli

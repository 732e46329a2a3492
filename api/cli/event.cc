// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <chrono>

#include "api/cli/client_options.h"
#include "api/cli/exit_codes.h"
#include "api/cli/program.h"

namespace vozex::cli {
namespace {

using types::Value;

struct Asked {
  std::string type;
  std::string id;
  std::string source = "vozex-cli";
  std::string data = "{}";
};

// Unique among the events of one person's shell.
std::string new_id() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(now).count()) + "-" +
         std::to_string(::getpid());
}

int send(const ClientSettings& settings, const Asked& asked) {
  auto data = json_argument(asked.data);
  if (!data) {
    say_error(data.error());
    return k_usage;
  }
  const Value event = Value::object({{"specversion", Value::string("1.0")},
                                     {"id", Value::string(asked.id.empty() ? new_id() : asked.id)},
                                     {"source", Value::string(asked.source)},
                                     {"type", Value::string(asked.type)},
                                     {"data", *data}});
  return finish(Client(settings).send("POST", "/v1/events", event), [&](const Value& body) {
    if (settings.output() != Format::table) return print_object(body, settings.output());
    say("outcome: " + std::string(body.text_at("outcome")));
    if (const Value* deliveries = body.find("deliveries")) {
      print_list(
          *deliveries, Format::table, {"workflow", "key", "outcome", "from", "to", "seq", "note"});
    }
  });
}

}  // namespace

void add_event(CLI::App& app, Program& program) {
  CLI::App* group = app.add_subcommand("event", "Events");
  group->require_subcommand(1);
  CLI::App* command =
      group->add_subcommand("send",
                            "Send an event and hear what became of it\n\n"
                            "  vozex event send order.cancel --data '{\"order_id\": \"o-1\", "
                            "\"reason\": \"changed my mind\"}'\n");
  auto settings = add_client_options(*command);
  auto asked = std::make_shared<Asked>();
  command->add_option("type", asked->type, "the event's type")->required();
  command->add_option("--data", asked->data, "JSON, @file or - for standard input");
  command->add_option("--id", asked->id, "the event's id: the same again is a duplicate");
  command->add_option("--source", asked->source, "who says so")->capture_default_str();
  command->callback([&program, settings, asked] { program.exit_code = send(*settings, *asked); });
}

}  // namespace vozex::cli

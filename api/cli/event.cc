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

Result<Value> event_of(const Asked& asked) {
  auto data = json_argument(asked.data);
  if (!data) return data;
  return Value::object({{"specversion", Value::string("1.0")},
                        {"id", Value::string(asked.id.empty() ? new_id() : asked.id)},
                        {"source", Value::string(asked.source)},
                        {"type", Value::string(asked.type)},
                        {"data", *std::move(data)}});
}

// What stands in the history that the event would write, a line for each transition considered.
void print_step(const Value& step) {
  const Value entry = member(step, "entry");
  say(cell_text(member(step, "workflow")) + " " + cell_text(member(step, "instance")) + ": " +
      cell_text(member(entry, "disposition")) + " in " + cell_text(member(entry, "from")));
  const Value considered = member(entry, "considered");
  if (considered.is_list())
    print_list(considered, Format::table, {"state", "event", "when", "result"});
}

int explain(const ClientSettings& settings, const Asked& asked) {
  const auto event = event_of(asked);
  if (!event) {
    say_error(event.error());
    return k_usage;
  }
  return finish(
      Client(settings).send("POST", "/v1/events:explain", *event), [&](const Value& body) {
        if (settings.output() != Format::table) return print_object(body, settings.output());
        say("would be: " + std::string(body.text_at("outcome")) + " (nothing was written)");
        if (const Value* deliveries = body.find("deliveries")) {
          print_list(
              *deliveries, Format::table, {"workflow", "key", "outcome", "from", "to", "note"});
        }
        if (const Value* steps = body.find("steps")) {
          for (const Value& step : steps->as_list()) print_step(step);
        }
      });
}

int send(const ClientSettings& settings, const Asked& asked) {
  const auto event = event_of(asked);
  if (!event) {
    say_error(event.error());
    return k_usage;
  }
  return finish(Client(settings).send("POST", "/v1/events", *event), [&](const Value& body) {
    if (settings.output() != Format::table) return print_object(body, settings.output());
    say("outcome: " + std::string(body.text_at("outcome")));
    if (const Value* deliveries = body.find("deliveries")) {
      print_list(
          *deliveries, Format::table, {"workflow", "key", "outcome", "from", "to", "seq", "note"});
    }
    if (const Value more = member(body, "more"); !more.is_null())
      say("and " + cell_text(more) + " more");
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

  CLI::App* foretell =
      group->add_subcommand("explain",
                            "Say what an event would do now, and why; nothing is written\n\n"
                            "  vozex event explain order.cancel --data '{\"order_id\": \"o-1\", "
                            "\"reason\": \"changed my mind\"}'\n");
  auto explain_settings = add_client_options(*foretell);
  auto about = std::make_shared<Asked>();
  foretell->add_option("type", about->type, "the event's type")->required();
  foretell->add_option("--data", about->data, "JSON, @file or - for standard input");
  foretell->add_option("--id", about->id, "the event's id: to see whether it came before");
  foretell->add_option("--source", about->source, "who would say so")->capture_default_str();
  foretell->callback([&program, explain_settings, about] {
    program.exit_code = explain(*explain_settings, *about);
  });
}

}  // namespace vozex::cli

// SPDX-License-Identifier: Apache-2.0
#include "api/cli/instance_mending.h"

#include <memory>
#include <optional>
#include <string>

#include "api/cli/client_options.h"
#include "api/cli/exit_codes.h"
#include "api/cli/instance_ops.h"

namespace vozex::cli {
namespace {

using types::Value;

struct MendAsked {
  std::string data, rt;
  std::optional<std::string> states;
};

// Exit code of a wrong argument, else 0.
int add_json(Value& body, const char* name, const std::string& text) {
  if (text.empty()) return k_ok;
  const auto value = json_argument(text);
  if (!value) {
    say_error(value.error());
    return k_usage;
  }
  body = body.with(name, *value);
  return k_ok;
}

int mend(const ClientSettings& settings, const InstanceOrder& order, const MendAsked& asked) {
  Value body = Value::map({});
  if (const int code = add_json(body, "data", asked.data); code != k_ok) return code;
  if (const int code = add_json(body, "rt", asked.rt); code != k_ok) return code;
  if (asked.states) body = body.with("states", Value::string(*asked.states));
  const int code = order_one(settings, order, "mend", body);
  if (code == k_ok) {
    say("it is held now; next: vozex instance move " + order.instance +
        " STATE, or vozex instance resume " + order.instance);
  }
  return code;
}

}  // namespace

void add_instance_mending(CLI::App& group, Program& program) {
  CLI::App* raw = group.add_subcommand(
      "raw",
      "Its row as it is stored, readable or not\n\n  vozex instance raw 0199c0de-... -o json\n");
  auto raw_settings = add_client_options(*raw);
  auto id = std::make_shared<std::string>();
  raw->add_option("instance", *id, "id")->required();
  raw->callback([&program, raw_settings, id] {
    program.exit_code =
        finish(Client(*raw_settings).send("GET", "/v1/instances/" + url_encode(*id) + "/raw"),
               [&](const Value& body) { print_object(body, raw_settings->output()); });
  });
  CLI::App* command = group.add_subcommand(
      "mend",
      "Give a row that can't be read texts that can\n\n  vozex instance mend 0199c0de-... --states "
      "'' --reason \"damaged by the disk\"\n  vozex instance mend 0199c0de-... --rt @rt.json "
      "--reason \"from the backup\"\n");
  auto settings = add_client_options(*command);
  auto order = std::make_shared<InstanceOrder>();
  auto asked = std::make_shared<MendAsked>();
  command->add_option("instance", order->instance, "id")->required();
  command->add_option("--data", asked->data, "all of its data: JSON, @file or -");
  auto* rt = command->add_option("--rt", asked->rt, "its runtime part: JSON, @file or -");
  command
      ->add_option("--states",
                   asked->states,
                   "forget its runtime part: only active there, without timers and open work; '': "
                   "where it was")
      ->excludes(rt);
  command->add_option("--reason", order->reason, "goes into its history")->required();
  command->callback(
      [&program, settings, order, asked] { program.exit_code = mend(*settings, *order, *asked); });
}

}  // namespace vozex::cli

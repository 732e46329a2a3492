// SPDX-License-Identifier: Apache-2.0
//
// What an author waits for: `vozex validate` over a thousand files, `vozex test` over a thousand
// scenarios. Measured as they are used: whole processes, start and reading of files included.
#include <fmt/format.h>

#include <string>

#include "tests/bench/child.h"
#include "tests/bench/machines.h"
#include "tests/bench/sections.h"

namespace vozex::bench {
namespace {

constexpr int k_files = 1000;
constexpr int k_scenarios = 1000;

std::string replaced(std::string text, const std::string& old, const std::string& fresh) {
  for (std::size_t at = 0; (at = text.find(old, at)) != std::string::npos; at += fresh.size()) {
    text.replace(at, old.size(), fresh);
  }
  return text;
}

// Every one a workflow of its own, with events and types of its own.
void write_files(const Folder& folder) {
  for (int i = 0; i < k_files; ++i) {
    std::string text =
        replaced(order_source(), "workflow: order", fmt::format("workflow: order{}", i));
    for (const char* event : {"payment.succeeded", "order.shipped", "order.reopened"}) {
      text = replaced(text, event, fmt::format("{}{}", event, i));
    }
    write_file(folder / fmt::format("files/order{}.yaml", i), text);
  }
}

std::string scenario(int number) {
  return fmt::format(R"(  - name: paid and sent {0}
    steps:
      - event: {{payment.succeeded: {{payment_id: p{0}, order_id: o_0001, amount: 4900, currency: EUR, lines: [{{product: book, quantity: 1, price: 4900}}], address: {{name: Ada, street: Square 12, city: London, country: GB}}}}}}
      - expect: {{state: live.packing, data: {{paid: 4900}}}}
      - event: {{order.shipped: {{payment_id: p{0}, order_id: o_0001, amount: 4900, currency: EUR, lines: [], address: {{name: Ada, street: Square 12, city: London, country: GB}}}}}}
      - expect: {{state: live.sent}}
      - event: {{order.reopened: {{payment_id: p{0}, order_id: o_0001, amount: 4900, currency: EUR, lines: [], address: {{name: Ada, street: Square 12, city: London, country: GB}}}}}}
      - advance: 31m
      - expect: {{state: live.review, data: {{paid: 0}}}}
)",
                     number);
}

void write_scenarios(const Folder& folder) {
  std::string text =
      "workflow: order\ndefaults:\n  start: {order_id: o_0001, amount: 4900, currency: EUR}\n"
      "scenarios:\n";
  for (int i = 0; i < k_scenarios; ++i) text += scenario(i);
  write_file(folder / "scenarios/order.yaml", order_source());
  write_file(folder / "scenarios/order.test.yaml", text);
}

void measure(const std::string& name, const std::vector<std::string>& command, Report& report) {
  const Finished run = run_to_end(command);
  if (run.code != 0) {
    return report.skip(name, fmt::format("exit code {}: {}", run.code, run.output.substr(0, 1500)));
  }
  report.add(name, run.wall_seconds, "s", Goal{"", 2, true});
  report.add(name + ".cpu", run.cpu_seconds, "s");
}

}  // namespace

void measure_tools(const Settings&, Report& report) {
  const Folder folder;
  write_files(folder);
  measure("tools.validate1000", {VOZEX_BINARY, "validate", folder / "files"}, report);
  write_scenarios(folder);
  measure("tools.scenarios1000", {VOZEX_BINARY, "test", folder / "scenarios"}, report);
}

}  // namespace vozex::bench

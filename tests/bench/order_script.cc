// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/order_script.h"

#include <fmt/format.h>

#include <utility>

#include "tests/bench/child.h"
#include "tests/bench/server.h"

namespace vozex::bench {
namespace {

constexpr const char* k_workflow = R"(vozex: 1
workflow: bench_order
version: 1
key: input.order_id
import: []
types:
  paid: {order_id: string, amount: int, reference: string}
input: {order_id: string, amount: int, note: string}
output: {paid: int}
data:
  paid: {type: int, default: 0}
  reference: optional<string>
events:
  bench.paid: {data: paid, match: event.data.order_id}
initial: open
states:
  open:
    on:
      bench.paid:
        when: event.data.amount == input.amount
        target: working
        set: {paid: "${event.data.amount}", reference: "${event.data.reference}"}
    after: {24h: {target: expired}}
  working:
    invoke:
      call: payments.get
      with: {gateway: bench, payment_id: "${input.order_id}"}
      on_done: {target: complete}
      on_error: {target: complete}
  expired: {type: final, outcome: failed, error: {code: expired}}
  complete: {type: final, output: {paid: "${data.paid}"}}
)";

std::string start_body(const std::string& id) {
  return fmt::format(
      R"({{"workflow":"bench_order","input":{{"order_id":"{}","amount":4900,"note":"{}"}}}})",
      id,
      std::string(200, 'n'));
}

std::string event_body(const std::string& id) {
  return fmt::format(R"({{"specversion":"1.0","id":"e-{0}","source":"bench","type":"bench.paid",)"
                     R"("data":{{"order_id":"{0}","amount":4900,"reference":"{1}"}}}})",
                     id,
                     std::string(160, 'r'));
}

RequestTemplate of_name(const char* path,
                        std::string (*body)(const std::string&),
                        std::size_t name_length) {
  const std::string hole(name_length, '#');
  return {post_request(path, k_key, body(hole)), hole};
}

constexpr std::size_t k_digits = 8;

}  // namespace

std::map<std::string, std::string> order_files() {
  return {{"bench_order.yaml", k_workflow},
          {"payments.yaml", read_file(VOZEX_SOURCE_DIR "/workflows/adapters/payments.yaml")}};
}

OrderRequests::OrderRequests(std::size_t name_length)
    : start(of_name("/v1/instances", start_body, name_length)),
      event(of_name("/v1/events", event_body, name_length)) {}

OrderScript::OrderScript(std::string prefix, double until, bool events)
    : prefix_(std::move(prefix)), until_(until), events_(events), requests_(name(0, 0).size()) {}

std::string OrderScript::name(std::size_t client, std::uint64_t number) const {
  return fmt::format("{}-{:0{}}-{:0{}}", prefix_, client, k_digits, number, k_digits);
}

void OrderScript::next(std::size_t client, std::string& request) {
  if (clients_.size() <= client) clients_.resize(client + 1);
  Client& one = clients_[client];
  if (one.half) {
    one.half = false;
    request = requests_.event.fill(name(client, one.count));
    return;
  }
  if (is_over()) return;
  ++one.count;
  ++begun_;
  one.half = events_;
  request = requests_.start.fill(name(client, one.count));
}

OrderProber::OrderProber(std::string prefix, bool asks_again)
    : prefix_(std::move(prefix)),
      asks_again_(asks_again),
      requests_(prefix_.size() + 1 + k_digits) {}

bool OrderProber::take(std::string_view answer) {
  if (stage_ != Stage::look || answer.find(R"("life":"completed")") == std::string_view::npos)
    return false;
  milliseconds_.push_back((now_seconds() - sent_at_) * 1000);
  stage_ = Stage::start;
  return true;
}

void OrderProber::next(std::string& request) {
  const std::string id = fmt::format("{}-{:0{}}", prefix_, milliseconds_.size(), k_digits);
  switch (stage_) {
    case Stage::start:
      stage_ = Stage::event;
      request = requests_.start.fill(id);
      return;
    case Stage::event:
      stage_ = Stage::look;
      sent_at_ = now_seconds();
      request = requests_.event.fill(id);
      return;
    case Stage::look:
      request =
          get_request("/v1/instances/bench_order/" + id + (asks_again_ ? "" : "?wait=10s"), k_key);
  }
}

}  // namespace vozex::bench

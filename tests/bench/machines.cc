// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/machines.h"

#include <string>

#include "engine/base/assert.h"
#include "engine/language/compile.h"
#include "engine/step/step.h"
#include "engine/types/json.h"

namespace vozex::bench {
namespace {

constexpr const char* k_flat = R"(vozex: 1
workflow: flat
version: 1
events:
  turn: {unhandled: ignore}
initial: red
states:
  red: {on: {turn: green}}
  green: {on: {turn: amber}}
  amber: {on: {turn: red}}
)";

constexpr const char* k_order = R"(vozex: 1
workflow: order
version: 1
key: input.order_id
types:
  line: {product: string, quantity: int, price: int}
  address: {name: string, street: string, city: string, country: string}
  payment: {payment_id: string, order_id: string, amount: int, currency: string, lines: list<line>, address: address}
input: {order_id: string, amount: int, currency: string}
data:
  paid: {type: int, default: 0}
  payments: {type: int, default: 0}
  payment: optional<string>
  shipped: {type: int, default: 0}
  closed: {type: bool, default: false}
status: {waiting: Waiting, paid: Paid, sent: Sent}
events:
  payment.succeeded: {data: payment, match: event.data.order_id}
  order.shipped: {data: payment, match: event.data.order_id}
  order.reopened: {data: payment, match: event.data.order_id}
initial: live
states:
  live:
    initial: paying
    states:
      paying:
        status: waiting
        on:
          payment.succeeded:
            - when: event.data.currency != input.currency
              target: review
            - when: event.data.amount == input.amount && event.data.lines.size() > 0
              target: packing
              set:
                paid: "${data.paid + event.data.amount}"
                payments: "${data.payments + 1}"
                payment: "${event.data.payment_id}"
        after: {30m: review}
      review:
        status: waiting
        on: {order.reopened: paying}
      packing:
        status: paid
        on:
          order.shipped:
            - when: event.data.order_id == input.order_id && data.paid >= input.amount
              target: sent
              set: {shipped: "${data.shipped + 1}", closed: "${true}"}
      sent:
        status: sent
        on:
          order.reopened:
            - when: data.closed
              target: paying
              set: {closed: "${false}", paid: "${data.paid - event.data.amount}"}
)";

constexpr const char* k_payload =
    R"({"payment_id":"pay_1234567890","order_id":"o_0001","amount":4900,"currency":"EUR",)"
    R"("lines":[{"product":"book-1","quantity":1,"price":1900},{"product":"book-2","quantity":2,)"
    R"("price":1500}],"address":{"name":"Ada Lovelace","street":"12 St James Square","city":"London",)"
    R"("country":"GB"}})";

machine::MachineRef compiled(const char* text) {
  const auto result = language::compile({{{"bench.yaml", text}}});
  VOZEX_ASSERT(result.machines.size() == 1);
  return result.machines.front();
}

machine::Event event(const char* name, const types::Value& data) {
  machine::Event made;
  made.id = "evt_00000000000001";
  made.source = "gateway:bench";
  made.name = name;
  made.time = k_now;
  made.data = data;
  made.tenant = "default";
  return made;
}

}  // namespace

machine::MachineRef flat_machine() { return compiled(k_flat); }
const char* order_source() { return k_order; }
machine::MachineRef order_machine() { return compiled(k_order); }

machine::Snapshot started(const machine::Machine& machine) {
  StartRequest request;
  request.id.bytes[0] = 1;
  request.root = request.id;
  request.tenant = "default";
  request.input =
      types::parse_json(R"({"order_id":"o_0001","amount":4900,"currency":"EUR"})").value();
  auto outcome = start(machine, request, k_now, types::Value::map({}));
  VOZEX_ASSERT(outcome.has_value());
  return std::move(outcome->next);
}

std::vector<machine::Event> flat_events() {
  const machine::Event turn = event("turn", types::Value::map({}));
  return {turn, turn, turn};
}

std::vector<machine::Event> order_events() {
  const types::Value data = types::parse_json(k_payload).value();
  return {event("payment.succeeded", data),
          event("order.shipped", data),
          event("order.reopened", data)};
}

}  // namespace vozex::bench

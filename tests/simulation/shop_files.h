// SPDX-License-Identifier: Apache-2.0
//
// The workflows of the simulation: a shop whose orders are charged (never repeated, asked about),
// paid by an event, delivered by a child, booked in one hot ledger by an emitted event, and reached
// by campaigns through a shared alias; and a round that a schedule starts every three minutes.
#pragma once

namespace vozex::simulation {

inline const char* const k_bank_file = R"(
vozex: 1
adapter: bank
operations:
  charge: {input: {order: string}, output: {reference: string}, errors: [declined], repeat: never, ask: find}
  refund: {input: {reference: string}, output: {reference: string}, repeat: by_key}
  find: {input: {order: string}, output: json, repeat: safe, read_only: true}
  look: {input: {order: string}, output: {reference: string}, repeat: safe, read_only: true}
  stamp: {input: {order: string}, output: {reference: string}, repeat: by_key}
)";

inline const char* const k_shop_file = R"(
vozex: 1
workflow: shop
version: 1
key: input.order
input: {order: string, campaign: string}
output: {reference: optional<string>}
data: {reference: optional<string>, payments: {type: int, default: 0}, notices: {type: int, default: 0}}
aliases: {campaign: input.campaign, reference: data.reference}
events:
  shop.paid: {data: {order: string, amount: int}, match: event.data.order}
  campaign.ended: {data: {campaign: string}, match: {campaign: event.data.campaign}}
  ledger.add: {data: {ledger: string, amount: int}}
  shop.cancel: {data: {order: string}, match: event.data.order}
warnings: {VZ0606: this is about counting}
on:
  campaign.ended: {set: {notices: "${data.notices + 1}"}}
  shop.paid: {set: {payments: "${data.payments + 1}"}}
initial: live
states:
  live:
    initial: charging
    on: {shop.cancel: closing}
    states:
      charging:
        on: {shop.paid: {defer: true}}
        invoke:
          call: bank.charge
          with: {order: "${input.order}"}
          timeout: 5s
          retry: {attempts: 8, backoff: 1s, factor: 2, max: 20s, jitter: 0.2}
          compensate: {call: bank.refund, with: {reference: "${result.reference}"}}
          on_done: {target: waiting, set: {reference: "${result.reference}"}}
          on_error:
            - {when: error.code == 'declined', target: refused}
      waiting:
        on:
          shop.paid: {target: packing, set: {payments: "${data.payments + 1}"}}
      packing:
        invoke:
          workflow: parcel
          input: {order: "${input.order}"}
          on_done: shipped
          on_error: closing
  shipped:
    on_entry: [{emit: {event: ledger.add, data: {ledger: main, amount: 1}}}]
    after: {10m: done}
  closing: {invoke: {compensate: all, on_done: cancelled}}
  cancelled: {type: final, outcome: cancelled}
  refused: {type: final, outcome: failed, error: {code: refused}}
  done: {type: final, output: {reference: "${data.reference}"}}
)";

inline const char* const k_parcel_file = R"(
vozex: 1
workflow: parcel
version: 1
key: "'parcel-' + input.order"
input: {order: string}
output: {order: string}
data: {looks: {type: int, default: 0}}
initial: looking
states:
  looking:
    invoke:
      call: bank.look
      with: {order: "${input.order}"}
      timeout: 2s
      retry: {attempts: 3, backoff: 1s, factor: 2, max: 10s, jitter: 0.2}
      on_done: {target: stamping, set: {looks: "${data.looks + 1}"}}
  stamping:
    invoke:
      call: bank.stamp
      with: {order: "${input.order}"}
      timeout: 2s
      retry: {attempts: 30, backoff: 1s, factor: 2, max: 10s, jitter: 0.2}
      on_done: packed
    after: {20m: {target: packed}}
  packed: {after: {2m: sent}}
  sent:
    on_entry: [{reply: {order: "${input.order}"}}]
    after: {5m: arrived}
  arrived: {type: final, output: {order: "${input.order}"}}
)";

inline const char* const k_ledger_file = R"(
vozex: 1
workflow: ledger
version: 1
key: input.ledger
input: {ledger: string}
output: {total: int}
data: {total: {type: int, default: 0}}
events:
  ledger.add: {data: {ledger: string, amount: int}, match: event.data.ledger}
initial: open
states:
  open:
    on: {ledger.add: {set: {total: "${data.total + event.data.amount}"}}}
    actions:
      close: {title: Close, target: closed}
  closed: {type: final, output: {total: "${data.total}"}}
)";

// Without a key: two starts of one moment would be two instances.
inline const char* const k_round_file = R"(
vozex: 1
workflow: round
version: 1
input: {at: timestamp}
start:
  schedule: {cron: "1-59/3 * * * *", input: {at: "${now}"}}
states:
  open: {after: {1m: done}}
  done: {type: final}
)";

}  // namespace vozex::simulation

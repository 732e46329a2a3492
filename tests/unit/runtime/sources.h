// SPDX-License-Identifier: Apache-2.0
//
// Workflow files of these tests, compiled. A file that doesn't compile fails the test with its
// diagnostics.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/language/compile.h"

namespace vozex::runtime {

inline std::vector<machine::MachineRef> compiled(const std::vector<std::string>& texts) {
  language::SourceSet sources;
  int number = 0;
  for (const std::string& text : texts) {
    sources.files.push_back({"file" + std::to_string(++number) + ".yaml", text});
  }
  language::Compilation compilation = language::compile(sources);
  if (has_errors(compilation.diagnostics)) {
    ADD_FAILURE() << language::render(compilation.diagnostics, sources);
  }
  return compilation.machines;
}

// Operations with each promise about being repeated.
inline const char* const k_bank = R"(
vozex: 1
adapter: bank
operations:
  charge: {input: {order: string}, output: {reference: string}, errors: [declined], repeat: never, ask: find}
  find: {input: {order: string}, output: json, repeat: safe}
  give_back: {input: {order: string}, output: {}, repeat: by_key}
  look: {input: {order: string}, output: {reference: string}, repeat: safe}
  gamble: {input: {order: string}, output: {reference: string}, repeat: never}
)";

inline const char* const k_shop = R"(
vozex: 1
workflow: shop
version: 1
key: input.order
input: {order: string}
output: {reference: optional<string>}
data: {reference: optional<string>, paid: {type: int, default: 0}}
aliases: {reference: data.reference}
events:
  shop.paid: {data: {order: string, amount: int}, match: event.data.order}
  shop.noticed: {data: {reference: string}, match: {reference: event.data.reference}}
  shop.closed: {data: {order: string}, match: event.data.order, unhandled: reject}
initial: charging
states:
  charging:
    on: {shop.paid: {defer: true}}
    invoke:
      call: bank.charge
      with: {order: "${input.order}"}
      retry: {attempts: 3, backoff: 2s, factor: 2, jitter: 0}
      on_done: {target: waiting, set: {reference: "${result.reference}"}}
      on_error:
        - {when: error.code == 'declined', target: refused}
  waiting:
    on:
      shop.paid: {target: packing, set: {paid: "${event.data.amount}"}}
      shop.noticed: {}
    after: {1h: refused}
    actions:
      close: {title: Close, roles: [ops], target: done}
  packing:
    invoke:
      workflow: parcel
      input: {order: "${input.order}"}
      on_done: shipped
      on_error: refused
  shipped:
    on: {shop.closed: done}
    after: {30d: done}
  refused: {type: final, outcome: failed, error: {code: refused}}
  done: {type: final, output: {reference: "${data.reference}"}}
)";

inline const char* const k_parcel = R"(
vozex: 1
workflow: parcel
version: 1
key: "'parcel-' + input.order"
input: {order: string}
output: {order: string}
events:
  parcel.sent: {data: {order: string}, match: "'parcel-' + event.data.order"}
initial: packing
states:
  packing:
    on: {parcel.sent: sent, cancel: dropped}
    after: {10m: sent}
  sent:
    on_entry: [{reply: {order: "${input.order}"}}]
    after: {1d: arrived}
  arrived: {type: final, output: {order: "${input.order}"}}
  dropped: {type: final, outcome: cancelled}
)";

}  // namespace vozex::runtime

// SPDX-License-Identifier: Apache-2.0
//
// The adapter of the simulation. What it does: outside.h.
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

}  // namespace vozex::simulation

// SPDX-License-Identifier: Apache-2.0
//
// The JSON texts that the runtime owns: answers in marks, messages in the outbox, requests of
// calls. Written by one process and read by another, possibly of a later version: unknown members
// are ignored, missing ones have defaults. Tests: tests/unit/runtime.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/machine/effect.h"
#include "engine/ports/adapter.h"
#include "engine/ports/rows.h"
#include "engine/runtime/engine.h"
#include "engine/runtime/items/item.h"

namespace vozex::runtime {

// ---- answers ----

// `fingerprint` of the request that is answered; "" without.
std::string answer_text(const EventAnswer& answer, const std::string& fingerprint);
std::string fingerprint_of(const ports::MarkRow& first);
// What a duplicate is told: the deliveries of the first answer. A text that can't be read gives
// none.
EventAnswer first_answer(const ports::MarkRow& first, const std::string& event_id);
// The disposition of the whole.
machine::Disposition overall(const std::vector<Delivery>& deliveries);

// ---- outbox ----

// An order as the outbox keeps it. FindOrder, DeliverOrder and NewOrder only.
std::string outbox_text(const Item::Order& order);
// Back to an item with its mark ("instance:<from>", "seq/index") and its row.
Result<Item> item_of(const ports::OutboxRow& row);
// De-duplicates the delivery of a row. `tenant` is the sender's.
MarkId outbox_mark(const std::string& tenant, const ports::OutboxRow& row);
// Positions of messages that are not the step's own (Emit, StartInstance, SendTo count from 0).
inline constexpr std::uint16_t k_first_own_index = 0x8000;

// ---- calls ----

// What CallRow::request holds: all that is needed to make the call in any process.
struct CallSpec {
  std::optional<machine::InvocationRef> of;
  std::string operation;
  std::string ask;
  Duration ask_after{};
  machine::Repeat repeat = machine::Repeat::never;
  bool read_only = false;
  types::Value input;
  std::string idempotency_key;
  Duration timeout{std::chrono::seconds{20}};
  machine::RetryPolicy retry;
  bool compensation = false;
  std::string workflow;
  std::uint32_t version = 0;  // of the workflow, when the call was decided; 0: not known
  std::string instance_key;
};
std::string request_text(const machine::StartCall& call, const machine::Snapshot& by);
Result<CallSpec> parse_request(std::string_view text);
// What parse_request() reads in request_text(call, by), without reading it. None when its input
// would come back as something else: a time as a text, say.
std::optional<CallSpec> spec_of(const machine::StartCall& call, const machine::Snapshot& by);

// What CallRow::error holds.
std::string error_text(const machine::ErrorInfo& error);
machine::ErrorInfo parse_error(std::string_view text);

inline constexpr Duration k_default_timeout{std::chrono::seconds{20}};

}  // namespace vozex::runtime

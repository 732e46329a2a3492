// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/batch/routing.h"

#include "engine/machine/scope.h"
#include "engine/runtime/batch/correlation.h"
#include "engine/step/step.h"

namespace vozex::runtime {
namespace {

class InputActivation final : public expr::Activation {
 public:
  InputActivation(const types::Value& input, const types::Value& config)
      : input_(input), config_(config) {}
  const types::Value* variable(expr::Slot slot) const override {
    if (slot == machine::k_slot_input) return &input_;
    if (slot == machine::k_slot_config) return &config_;
    return nullptr;
  }
  bool in_state(std::string_view) const override { return false; }

 private:
  const types::Value& input_;
  const types::Value& config_;
};

Shard shard_of_event(const Item& item,
                     const machine::Event& event,
                     const Definitions& definitions,
                     Timestamp now) {
  if (item.outbox) return item.outbox->shard;
  if (item.parked_on) return lane_byte(event.tenant, item.parked_on->key);
  const SearchPlan plan = plan_search(definitions, event, now);
  for (const Search& search : plan.searches) {
    for (const Search::Form& form : search.forms) {
      return lane_byte(event.tenant, form.keys.front().key);
    }
  }
  return lane_byte(event.tenant, event.id);
}

}  // namespace

Shard shard_for(const Item& item, const Definitions& definitions, Timestamp now) {
  if (const auto* find = std::get_if<FindOrder>(&item.order)) {
    return shard_of_event(item, find->event, definitions, now);
  }
  if (item.outbox) return item.outbox->shard;
  if (const auto* deliver = std::get_if<DeliverOrder>(&item.order)) {
    return deliver->shard.value_or(shard_of(deliver->to));
  }
  if (const auto* start = std::get_if<NewOrder>(&item.order)) return shard_of(start->root);
  if (const auto* timer = std::get_if<TimerOrder>(&item.order)) return timer->instance.shard;
  if (const auto* call = std::get_if<CallOrder>(&item.order)) return call->row.shard;
  if (const auto* write = std::get_if<CallWriteOrder>(&item.order)) return write->write.row.shard;
  if (const auto* check = std::get_if<CallCheckOrder>(&item.order)) return check->row.shard;
  if (const auto* claim = std::get_if<ClaimOrder>(&item.order)) {
    return lane_byte(claim->key.tenant, claim->key.key);
  }
  if (const auto* poison = std::get_if<PoisonOrder>(&item.order)) return poison->instance.shard;
  if (const auto* again = std::get_if<RetryOrder>(&item.order)) return again->row.shard;
  return 0;
}

Item lease_item(const ports::CallRow& row, const SessionId& session, bool maybe_sent) {
  ports::CallWrite write;
  write.op = ports::CallOp::lease;
  write.row = row;
  write.row.state = ports::CallState::leased;
  write.row.owner = session;
  write.row.attempt = static_cast<std::uint16_t>(row.attempt + 1);
  write.expect_owner = row.owner;
  write.expect_attempt = row.attempt;
  Item item;
  item.order = CallWriteOrder{std::move(write), maybe_sent};
  return item;
}

const ports::CallRow& row_of_end(const Item& item) {
  if (const auto* call = std::get_if<CallOrder>(&item.order)) return call->row;
  return std::get<CallWriteOrder>(item.order).write.row;
}

SessionId owner_of_end(const Item& item) {
  if (const auto* call = std::get_if<CallOrder>(&item.order)) return call->row.owner;
  return std::get<CallWriteOrder>(item.order).write.expect_owner;
}

std::uint16_t attempt_of_end(const Item& item) {
  if (const auto* call = std::get_if<CallOrder>(&item.order)) return call->row.attempt;
  return std::get<CallWriteOrder>(item.order).write.expect_attempt;
}

std::optional<std::string> key_of_input(const machine::Machine& machine,
                                        const types::Value& input,
                                        const types::Value& config) {
  if (machine.key == nullptr) return std::nullopt;
  const InputActivation activation(input, config);
  const expr::Evaluated key = expr::evaluate(*machine.key, activation);
  if (!key) return std::nullopt;
  const auto keys = keys_from(*key);
  if (keys.empty() || keys.front().empty()) return std::nullopt;
  return keys.front();
}

}  // namespace vozex::runtime

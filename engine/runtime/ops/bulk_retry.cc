// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/ops/bulk_retry.h"

#include <algorithm>
#include <utility>

#include "engine/machine/snapshot.h"
#include "engine/types/json.h"

namespace vozex::runtime {
namespace {

using ports::BatchItemState;
using types::Value;

bool is_away(const Error& error) {
  return error.kind == ErrorClass::unavailable || error.kind == ErrorClass::outcome_unknown;
}

std::string counted(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " call" : " calls");
}

}  // namespace

bool BulkBasis::covers(const ports::CallRow& call) const {
  const auto known = calls.find(call.id.text());
  return call.state == ports::CallState::dead && known != calls.end() &&
         known->second == call.attempt;
}

BulkBasis basis_of(const ports::InstanceRow& row, const std::vector<ports::CallRow>& dead) {
  BulkBasis basis;
  basis.held = row.life == machine::Life::held;
  for (const ports::CallRow& call : dead) basis.calls[call.id.text()] = call.attempt;
  return basis;
}

std::string to_json(const BulkBasis& basis) {
  Value calls = Value::map({});
  for (const auto& [call, attempt] : basis.calls) calls = calls.with(call, Value::integer(attempt));
  return types::to_json(
      Value::object({{"calls", std::move(calls)}, {"held", Value::boolean(basis.held)}}));
}

BulkBasis parse_basis(std::string_view json) {
  BulkBasis basis;
  const auto value = types::parse_json(json);
  if (!value || !value->is_map()) return basis;
  const Value* held = value->find("held");
  basis.held = held != nullptr && *held == Value::boolean(true);
  const Value* calls = value->find("calls");
  if (calls == nullptr || !calls->is_map()) return basis;
  for (const Value::MapEntry& entry : calls->as_map()) {
    if (!entry.key.is_string() || entry.value.kind() != types::Kind::integer) continue;
    basis.calls[entry.key.as_string()] = static_cast<std::uint16_t>(entry.value.as_integer());
  }
  return basis;
}

std::optional<ports::BatchItem> retry_result(const InstanceId& instance,
                                             const BulkBasis& basis,
                                             const std::vector<Result<EventAnswer>>& answers,
                                             Timestamp now) {
  ports::BatchItem item;
  item.instance = instance;
  item.at = now;
  std::size_t sent = 0;
  std::size_t dropped = 0;
  for (const Result<EventAnswer>& answer : answers) {
    if (answer && answer->disposition == machine::Disposition::stale) {
      ++dropped;
    } else if (answer) {
      ++sent;
    } else if (is_away(answer.error())) {
      return std::nullopt;
    } else if (answer.error().kind == ErrorClass::refused) {
      item.code = answer.error().code;
      item.note = answer.error().message;
    }  // else it went out meanwhile
  }
  if (!item.code.empty() && sent + dropped == 0) {
    item.state = BatchItemState::refused;
    return item;
  }
  if (!basis.held && basis.calls.empty()) {
    item.state = BatchItemState::refused;
    item.code = "nothing_to_retry";
    item.note = "it was not held and had no dead calls";
    return item;
  }
  item.state = BatchItemState::applied;
  item.code.clear();
  item.note = basis.held ? "it goes on" : "";
  const auto add = [&item](const std::string& text) {
    item.note += (item.note.empty() ? "" : "; ") + text;
  };
  if (sent > 0) add(counted(sent) + " sent again");
  if (dropped > 0) add(counted(dropped) + " dropped: nobody waits for them any more");
  const std::size_t others = basis.calls.size() - std::min(basis.calls.size(), sent + dropped);
  if (others > 0) add(counted(others) + " had been decided otherwise by then");
  return item;
}

}  // namespace vozex::runtime

// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/batch/mending.h"

#include <algorithm>
#include <utility>

#include "engine/base/planted.h"
#include "engine/machine/codec.h"
#include "engine/runtime/items/rows.h"
#include "engine/types/json.h"

namespace vozex::runtime {
namespace {

using types::Value;

std::string text_or(const Value& data, const char* member, const std::string& otherwise) {
  const Value* given = data.find(member);
  return given == nullptr || given->is_null() ? otherwise : types::to_json(*given);
}

// {"format", "states", "status"}: the least that can be read.
std::string bare_runtime_part(std::string_view states, const std::string& status) {
  Value::List paths;
  while (!states.empty()) {
    const std::size_t comma = std::min(states.find(','), states.size());
    paths.push_back(Value::string(std::string(states.substr(0, comma))));
    states.remove_prefix(std::min(comma + 1, states.size()));
  }
  Value rt = Value::object({{"format", Value::integer(machine::k_snapshot_format)},
                            {"states", Value::list(std::move(paths))}});
  if (!status.empty()) rt = rt.with("status", Value::string(status));
  return types::to_json(rt);
}

std::string runtime_part(const ports::InstanceRow& row, const Value& data) {
  const Value* states = data.find("states");
  if (states == nullptr || !states->is_string()) return text_or(data, "rt", row.rt);
  const std::string& wanted = states->as_string();
  return bare_runtime_part(wanted.empty() ? row.state : wanted, row.status);
}

}  // namespace

machine::Event mend_event(const Mending& mending) {
  machine::Event event;
  event.name = std::string(k_mend_event);
  Value data = Value::object(
      {{"actor", Value::string(mending.actor.id)}, {"reason", Value::string(mending.reason)}});
  if (!mending.data.is_null()) data = data.with("data", mending.data);
  if (!mending.rt.is_null()) data = data.with("rt", mending.rt);
  if (mending.states) data = data.with("states", Value::string(*mending.states));
  event.data = std::move(data);
  return event;
}

Error not_damaged(const InstanceId& id) {
  return Error{ErrorClass::refused,
               "not_damaged",
               "the row of " + id.text() + " can be read: patch, move or resume it instead",
               {}};
}

Result<machine::Snapshot> mend(const machine::Machine& machine,
                               const ports::InstanceRow& row,
                               const machine::Event& event,
                               Timestamp now) {
  machine::Snapshot snapshot;
  read_columns(row, snapshot);
  const machine::StoredSnapshot texts{
      row.input, text_or(event.data, "data", row.data), runtime_part(row, event.data)};
  if (const auto decoded = machine::decode(machine, texts, snapshot); !decoded) {
    return fail(ErrorClass::refused,
                "still_unreadable",
                decoded.error().code + ": " + decoded.error().message +
                    ": give `data`, `rt`, or `states` to forget the runtime part");
  }
  snapshot.seq += 1;
  snapshot.at = std::max(now, row.at);
  if (machine::is_ended(snapshot.life)) return snapshot;
  if (VOZEX_PLANTED(mended_goes_on)) {
    snapshot.life = machine::Life::running;
    return snapshot;
  }
  snapshot.life = machine::Life::held;
  machine::Incident incident;
  incident.seq = snapshot.seq;
  incident.code = k_mended_incident;
  incident.message = "the row was mended by " + std::string(event.data.text_at("actor")) + ": " +
                     std::string(event.data.text_at("reason"));
  incident.at = snapshot.at;
  incident.holds = true;
  snapshot.incidents.push_back(std::move(incident));
  return snapshot;
}

}  // namespace vozex::runtime

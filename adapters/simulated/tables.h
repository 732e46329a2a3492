// SPDX-License-Identifier: Apache-2.0
//
// Tables: what the simulated store remembers, as ordered maps of the port's rows, and the rules of
// one group: judge() says whether it may be applied, apply() applies it. This is the reference that
// the SQL stores are compared with (tests/store), so it is written for reading. Thread rule: plain
// values; the store locks. Ordered containers only: the simulation replays by seed and must not
// depend on addresses.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/ports/store.h"

namespace vozex::simulated {

// The arbiter between starts and early events: exists while somebody holds the key or an event
// waits on it.
struct Arbiter {
  std::map<ports::InstanceKey, bool> holders;  // value: the holder has ended
  std::set<MarkId> waiting;

  bool is_live() const;
};

struct Parked {
  ports::ParkedRow row;
  std::vector<ports::BindingKey> keys;
};

struct Session {
  std::string name;
  Timestamp beat_at;
  bool live = true;
};

using OutboxKey = std::tuple<Shard, InstanceId, std::uint32_t, std::uint16_t>;
OutboxKey key_of(const ports::OutboxRow& row);

struct Tables {
  std::map<ports::InstanceKey, ports::InstanceRow> live;
  std::map<ports::InstanceKey, ports::InstanceRow> finished;
  std::set<std::pair<Timestamp, ports::InstanceKey>> timers;
  std::map<std::pair<InstanceId, std::uint32_t>, ports::HistoryRow> history;
  std::map<MarkId, ports::MarkRow> marks;
  std::map<ports::BindingKey, Arbiter> bindings;
  std::map<MarkId, Parked> parked;
  std::map<CallId, ports::CallRow> calls;
  std::map<OutboxKey, ports::OutboxRow> outbox;
  std::map<TaskId, ports::TaskRow> tasks;
  std::map<SessionId, Session> sessions;
  std::map<std::pair<std::string, std::uint32_t>, ports::DefinitionRow> definitions;
  std::uint64_t last_order = 0;  // of arrival of parked events

  const ports::InstanceRow* find(const ports::InstanceKey& key) const;
};

// What the group's verdict is on these tables; changes nothing. Where several hold, duplicate goes
// before stale and stale before key_taken: whoever lost a row must read again before a taken key
// means anything.
ports::GroupVerdict judge(const Tables& tables, const ports::Group& group);

// Applies a group that was judged `committed`; adds the keys it took on which events wait to
// `claims`.
void apply(Tables& tables,
           const ports::Group& group,
           Etag etag,
           std::set<ports::BindingKey>& claims);

ports::LoadReply read(const Tables& tables, const ports::LoadRequest& request);

bool is_live(const Tables& tables, const SessionId& session);
std::vector<ports::WaitingCalls> waiting_calls(const Tables& tables);
std::vector<ports::BindingKey> unclaimed(const Tables& tables,
                                         ports::Holding holding,
                                         std::size_t limit);
// As `reader` hears it, for whom sessions without a beat since `dead_since` are overdue.
ports::News news_of(const Tables& tables, const SessionId& reader, Timestamp dead_since);

// Takes the event off the list and off its keys; no such event is no error.
void unpark(Tables& tables, const MarkId& mark);

}  // namespace vozex::simulated

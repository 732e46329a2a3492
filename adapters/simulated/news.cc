// SPDX-License-Identifier: Apache-2.0
//
// What waits in the tables for whoever looks after them.
#include <algorithm>

#include "adapters/simulated/tables.h"

namespace vozex::simulated {
namespace {

bool has_orphans(const Tables& tables, const SessionId& reader, Timestamp dead_since) {
  const auto owned = [&](const SessionId& owner) { return is_live(tables, owner); };
  return std::any_of(tables.sessions.begin(),
                     tables.sessions.end(),
                     [&](const auto& entry) {
                       return entry.second.live && entry.first != reader &&
                              entry.second.beat_at < dead_since;
                     }) ||
         std::any_of(tables.calls.begin(),
                     tables.calls.end(),
                     [&](const auto& entry) {
                       return entry.second.state == ports::CallState::leased &&
                              !owned(entry.second.owner);
                     }) ||
         std::any_of(tables.outbox.begin(), tables.outbox.end(), [&](const auto& entry) {
           return !owned(entry.second.owner);
         });
}

}  // namespace

bool is_live(const Tables& tables, const SessionId& session) {
  const auto found = tables.sessions.find(session);
  return found != tables.sessions.end() && found->second.live;
}

std::vector<ports::WaitingCalls> waiting_calls(const Tables& tables) {
  std::map<std::string, Timestamp> earliest;
  for (const auto& [id, row] : tables.calls) {
    if (row.state != ports::CallState::waiting) continue;
    const auto [entry, is_new] = earliest.try_emplace(row.adapter, row.next_at);
    if (row.next_at < entry->second) entry->second = row.next_at;
  }
  std::vector<ports::WaitingCalls> waiting;
  waiting.reserve(earliest.size());
  for (const auto& [adapter, at] : earliest) waiting.push_back({adapter, at});
  return waiting;
}

std::vector<ports::BindingKey> unclaimed(const Tables& tables,
                                         ports::Holding holding,
                                         std::size_t limit) {
  std::vector<ports::BindingKey> keys;
  for (const auto& [key, arbiter] : tables.bindings) {
    if (keys.size() >= limit) break;
    if (arbiter.waiting.empty() || arbiter.holders.empty()) continue;
    if (arbiter.is_live() == (holding == ports::Holding::live)) keys.push_back(key);
  }
  return keys;
}

ports::News news_of(const Tables& tables, const SessionId& reader, Timestamp dead_since) {
  ports::News news;
  for (const auto& [id, session] : tables.sessions) {
    if (session.live) news.living.push_back(id);
  }
  news.orphans = has_orphans(tables, reader, dead_since);
  news.unclaimed = !unclaimed(tables, ports::Holding::live, 1).empty();
  news.waiting_calls = waiting_calls(tables);
  if (!tables.timers.empty()) news.first_timer = tables.timers.begin()->first;
  for (const auto& [mark, parked] : tables.parked) {
    news.first_expiry =
        std::min(news.first_expiry.value_or(parked.row.expires_at), parked.row.expires_at);
  }
  news.definitions = std::to_string(tables.definitions.size());
  return news;
}

}  // namespace vozex::simulated

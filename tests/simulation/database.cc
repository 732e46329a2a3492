// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/database.h"

#include <algorithm>
#include <utility>

#include "engine/base/planted.h"
#include "tests/simulation/world.h"

namespace vozex::simulation {

using simulated::Tables;

// What a bug of the store writes apart from the commit that it belongs to.
struct Database::Held {
  std::vector<ports::MarkWrite> marks;
  std::vector<ports::CallRow> calls;
  std::vector<ports::ParkWrite> parks;
};

namespace {

constexpr Duration k_a_moment{std::chrono::milliseconds{300}};
constexpr std::size_t k_page = 100;

bool holds_live(const Tables& tables, const ports::BindingKey& key) {
  const auto found = tables.bindings.find(key);
  return found != tables.bindings.end() && found->second.is_live();
}

void strip_marks(const Tables& tables, ports::Group& group, std::vector<ports::MarkWrite>& held) {
  std::erase_if(group.marks, [&](const ports::MarkWrite& mark) {
    if (mark.resolve || tables.marks.contains(mark.mark)) return false;
    held.push_back(mark);
    return true;
  });
}

void strip_calls(ports::Group& group, std::vector<ports::CallRow>& held) {
  std::erase_if(group.calls, [&](const ports::CallWrite& write) {
    if (write.op != ports::CallOp::insert) return false;
    held.push_back(write.row);
    return true;
  });
}

// Those that would be stale, because their key is held by now.
void strip_parks(const Tables& tables, ports::Group& group, std::vector<ports::ParkWrite>& held) {
  std::erase_if(group.parks, [&](const ports::ParkWrite& park) {
    const bool late = std::any_of(park.keys.begin(), park.keys.end(), [&](const auto& key) {
      return holds_live(tables, key);
    });
    if (late) held.push_back(park);
    return late;
  });
}

void drop_first_of_several(std::vector<ports::HistoryRow>& history) {
  if (history.size() > 1) history.erase(history.begin());
}

void take_current_etags(const Tables& tables, ports::Group& group) {
  for (ports::InstanceWrite& write : group.instances) {
    const auto found = tables.live.find({write.row.shard, write.row.id});
    if (write.old != 0 && !write.was_ended && found != tables.live.end()) {
      write.old = found->second.etag;
    }
  }
}

void take_current_leases(const Tables& tables, ports::Group& group) {
  for (ports::CallWrite& write : group.calls) {
    const auto found = tables.calls.find(write.row.id);
    if (found == tables.calls.end() || write.op == ports::CallOp::lease) continue;
    write.expect_owner = found->second.owner;
    write.expect_attempt = found->second.attempt;
  }
}

void share_keys(ports::Group& group) {
  for (ports::BindingWrite& write : group.bindings) {
    if (write.op == ports::BindingOp::take_key) write.op = ports::BindingOp::add_alias;
  }
}

}  // namespace

Database::Database(World& world) : world_(world) {
  store_.use_clock([this] { return now(); });
}

Timestamp Database::now() const { return world_.agenda.now() + offset_; }

Database::Connection Database::connect(const std::string& process) {
  return {process, *store_.open_lane()};
}

ports::LoadReply Database::load(Connection& connection, const ports::LoadRequest& request) {
  return *connection.lane->load(request);
}

Result<ports::CommitReply> Database::commit(Connection& connection,
                                            const ports::CommitRequest& request,
                                            bool settle) {
  Held held;
  const ports::CommitRequest asked = planted(request, held);
  auto reply = settle ? connection.lane->settle(asked) : connection.lane->commit(asked);
  if (reply) world_.witness.committed(connection.process, request, *reply);
  release(connection.process, std::move(held));
  return reply;
}

ports::CommitRequest Database::planted(const ports::CommitRequest& request, Held& held) {
  ports::CommitRequest asked = request;
  inspect([&](const Tables& tables) {
    for (ports::Group& group : asked.groups) {
      if (VOZEX_PLANTED(dedup_outside_transaction)) strip_marks(tables, group, held.marks);
      if (VOZEX_PLANTED(etag_not_compared)) take_current_etags(tables, group);
      if (VOZEX_PLANTED(history_gap)) drop_first_of_several(group.history);
      if (VOZEX_PLANTED(torn_commit)) strip_calls(group, held.calls);
      if (VOZEX_PLANTED(outbox_in_memory)) group.outbox.clear();
      if (VOZEX_PLANTED(park_race_lost)) strip_parks(tables, group, held.parks);
      if (VOZEX_PLANTED(key_not_exclusive)) share_keys(group);
      if (VOZEX_PLANTED(stale_result_applied)) take_current_leases(tables, group);
    }
    return 0;
  });
  return asked;
}

void Database::release(const std::string& process, Held held) {
  if (held.marks.empty() && held.calls.empty() && held.parks.empty()) return;
  const std::uint64_t crashes = world_.witness.crashes_of(process);
  world_.agenda.in(k_a_moment, [this, process, crashes, held = std::move(held)] {
    if (world_.witness.crashes_of(process) != crashes) return;
    store_.alter([&](Tables& tables) {
      for (const auto& mark : held.marks) {
        tables.marks.try_emplace(mark.mark,
                                 ports::MarkRow{mark.mark, mark.disposition, mark.answer});
      }
      for (const auto& row : held.calls) tables.calls.emplace(row.id, row);
      for (const auto& park : held.parks) {
        const ports::ParkedRow row{park.mark, ++tables.last_order, park.event, park.expires_at};
        tables.parked.try_emplace(park.mark, simulated::Parked{row, park.keys});
      }
    });
  });
}

void Database::join(const SessionId& session, const std::string& name) {
  (void)store_.sessions().join(session, name);
}

// What it was before.
bool Database::set_live(const SessionId& session, bool live) {
  bool before = live;
  store_.alter([&](Tables& tables) {
    const auto found = tables.sessions.find(session);
    if (found != tables.sessions.end()) before = std::exchange(found->second.live, live);
  });
  return before;
}

Result<ports::Beat> Database::beat(const SessionId& session, Duration lease) {
  if (VOZEX_PLANTED(dead_session_revives)) set_live(session, true);
  auto answer = store_.sessions().beat(session, lease);
  if (!answer) return answer;
  // Definitions are deployed to the world, not to the store.
  answer->news->definitions = std::to_string(world_.definitions->all().size());
  world_.witness.beaten(session);
  return answer;
}

Result<ports::SessionStore::Inheritance> Database::inherit(const SessionId& heir, Duration lease) {
  auto found = store_.sessions().inherit(heir, lease, k_page);
  if (found) world_.witness.inherited(heir, *found);
  if (VOZEX_PLANTED(takeover_without_burying)) {
    store_.alter([](Tables& tables) {
      for (auto& [id, session] : tables.sessions) session.live = true;
    });
  }
  return found;
}

std::vector<ports::CallRow> Database::claim_calls(const SessionId& session,
                                                  const std::string& adapter,
                                                  Timestamp now,
                                                  std::size_t limit) {
  if (VOZEX_PLANTED(claim_without_state_check)) {
    store_.alter([&](Tables& tables) {
      for (auto& [id, row] : tables.calls) {
        if (row.state == ports::CallState::leased && row.adapter == adapter) {
          row.state = ports::CallState::waiting;
        }
      }
    });
  }
  world_.witness.says_it_is(now, "claims calls");
  const bool unchecked = VOZEX_PLANTED(claim_without_session_check);
  const bool was_live = unchecked && set_live(session, true);
  auto rows = *store_.work().claim_calls(session, adapter, now, limit);
  if (unchecked) set_live(session, was_live);
  world_.witness.claimed(session, rows);
  return rows;
}

void Database::rot(const ports::InstanceKey& instance, bool data) {
  store_.alter([&](Tables& tables) {
    const auto found = tables.live.find(instance);
    if (found == tables.live.end()) return;
    std::string& text = data ? found->second.data : found->second.rt;
    text.resize(text.size() / 2);
  });
}

void Database::expire_parked(Timestamp now) {
  world_.witness.says_it_is(now, "expires early events");
  (void)store_.work().expire_parked(now, k_page);
}

}  // namespace vozex::simulation

// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/witness.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/types/json.h"
#include "tests/simulation/world.h"

namespace vozex::simulation {
namespace {

using simulated::Tables;

// How far from the database's clock a process may believe to be: two jumps of it, and what a beat
// takes.
constexpr Duration k_tolerance = 2 * k_database_skew + std::chrono::seconds{4};
constexpr std::size_t k_most = 20;  // one cause has many consequences

std::string verdict_word(ports::Verdict verdict) {
  switch (verdict) {
    case ports::Verdict::committed: return "committed";
    case ports::Verdict::stale: return "stale";
    case ports::Verdict::duplicate: return "duplicate";
    case ports::Verdict::key_taken: return "key taken";
  }
  return "";
}

std::string step_text(const ports::HistoryRow& row) {
  const auto entry = types::parse_json(row.entry);
  if (!entry) return "unreadable";
  std::string text = fmt::format("#{}", row.seq);
  if (const types::Value* event = entry->find("event")) {
    text += fmt::format(
        " {} {}/{}", event->text_at("name"), event->text_at("source"), event->text_at("id"));
  }
  text += fmt::format(": {}, {}", entry->text_at("disposition"), entry->text_at("from"));
  if (!entry->text_at("to").empty()) text += fmt::format(" -> {}", entry->text_at("to"));
  if (!entry->text_at("life").empty()) text += fmt::format(" ({})", entry->text_at("life"));
  if (const types::Value* effects = entry->find("effects")) {
    for (const types::Value& effect : effects->as_list()) text += "; " + effect.as_string();
  }
  if (!entry->text_at("note").empty()) text += fmt::format(" ({})", entry->text_at("note"));
  return text;
}

}  // namespace

void Witness::say(std::string violation) {
  world_.note("ORACLE", violation);
  if (std::find(violations_.begin(), violations_.end(), violation) != violations_.end()) return;
  if (violations_.size() < k_most) violations_.push_back(std::move(violation));
}

std::uint64_t Witness::crashes_of(const std::string& process) const {
  const auto found = crashes_.find(process);
  return found == crashes_.end() ? 0 : found->second;
}

std::string Witness::name_of(const InstanceId& id) const {
  return world_.database.inspect([&](const Tables& tables) {
    for (const auto* table : {&tables.live, &tables.finished}) {
      for (const auto& [key, row] : *table) {
        if (key.id == id) return row.workflow + " " + (row.key.empty() ? id.text() : row.key);
      }
    }
    return id.text();
  });
}

void Witness::withdrawn(const SessionId& session, const CallId& id) {
  if (!sent_.contains(id) && !perhaps_sent_.contains(id)) withdrawn_.insert({session, id});
}

void Witness::sent(const SessionId& session, const ports::CallRequest& request) {
  const CallId& id = request.id;
  const std::string name = "call " + id.text();
  const bool decided = world_.database.inspect([&](const Tables& tables) {
    const auto row = tables.history.find({id.instance, id.seq});
    return row != tables.history.end() && row->second.entry.find(id.text()) != std::string::npos;
  });
  if (!decided) say("commit: " + name + " is sent before the commit that decides it");
  const bool leased = world_.database.inspect([&](const Tables& tables) {
    const auto row = tables.calls.find(id);
    return row != tables.calls.end() && row->second.state == ports::CallState::leased &&
           row->second.owner == session;
  });
  if (decided && !leased) say("lease: " + name + " is sent without a lease");
  if (withdrawn_.contains({session, id})) {
    say("withdrawn: " + name + " is sent though it had been withdrawn");
  }
  const std::string input = types::to_json(request.input);
  const auto [known, is_new] =
      sent_.try_emplace(id, Sent{request.idempotency_key, input, request.operation, {}});
  if (known->second.key != request.idempotency_key) {
    say("key: " + name + " has another idempotency key than before");
  }
  if (known->second.input != input) say("key: " + name + " has another input than before");
  const auto [owner, is_first] = keys_.try_emplace(request.idempotency_key, id);
  if (!is_first && owner->second != id) {
    say("key: " + name + " has the idempotency key of " + owner->second.text());
  }
}

void Witness::committed(const std::string& process,
                        const ports::CommitRequest& request,
                        const ports::CommitReply& reply) {
  if (!applied_.insert(request.etag).second) return;  // settled: heard of before
  if (world_.tracing) trace(process, request, reply);
  says_it_is(request.now, "commits");
  for (std::size_t i = 0; i < request.groups.size(); ++i) {
    if (reply.verdicts[i].verdict != ports::Verdict::committed) continue;
    look_at_history(request.groups[i]);
    look_at_keys(request.groups[i]);
    for (const ports::CallWrite& write : request.groups[i].calls) apply(write);
  }
}

void Witness::look_at_history(const ports::Group& group) {
  for (const ports::HistoryRow& row : group.history) {
    if (history_.insert({row.id, row.seq}).second) continue;
    say("history: " + name_of(row.id) + " has step " + std::to_string(row.seq) + " twice");
  }
}

void Witness::look_at_keys(const ports::Group& group) {
  for (const ports::BindingWrite& write : group.bindings) {
    if (write.op != ports::BindingOp::take_key) continue;
    const auto live = world_.database.inspect([&](const Tables& tables) {
      const auto found = tables.bindings.find(write.binding);
      int count = 0;
      if (found == tables.bindings.end()) return count;
      for (const auto& [holder, ended] : found->second.holders) count += ended ? 0 : 1;
      return count;
    });
    if (live > 1) say("key: " + write.binding.slot + " " + write.binding.key + " is held twice");
  }
}

void Witness::apply(const ports::CallWrite& write) {
  using ports::CallOp;
  const CallId& id = write.row.id;
  const auto found = leases_.find(id);
  const bool compares =
      write.op == CallOp::end || write.op == CallOp::retry || write.op == CallOp::dead;
  if (compares && found != leases_.end() &&
      (found->second.owner != write.expect_owner ||
       found->second.attempt != write.expect_attempt)) {
    say("lease: the end of call " + id.text() + " is applied for a lease that is over");
  }
  switch (write.op) {
    case CallOp::insert:
      leases_.insert_or_assign(id, Lease{write.row.owner, write.row.attempt, false});
      return;
    case CallOp::end: leases_.erase(id); return;
    case CallOp::withdraw:
      if (found != leases_.end() && found->second.owner.is_nil() && !found->second.dead) {
        leases_.erase(found);
      }
      return;
    case CallOp::retry:
      leases_.insert_or_assign(id, Lease{SessionId{}, write.row.attempt, false});
      return;
    case CallOp::dead:
      if (found != leases_.end()) found->second = Lease{SessionId{}, write.expect_attempt, true};
      return;
    case CallOp::lease:
      if (found != leases_.end() && !found->second.owner.is_nil()) {
        say("lease: call " + id.text() + " is leased while it is somebody's");
      }
      leases_.insert_or_assign(id, Lease{write.row.owner, write.row.attempt, false});
      return;
  }
}

void Witness::beaten(const SessionId& session) {
  if (buried_.contains(session)) {
    buried_.erase(session);
    say("session: " + session.text() + " beats after its calls were taken over");
  }
}

void Witness::inherited(const SessionId& heir, const ports::SessionStore::Inheritance& rows) {
  for (const ports::OutboxRow& row : rows.outbox) {
    world_.note(
        "database",
        fmt::format("message {}/{}/{} goes to an heir", row.from.text(), row.seq, row.index));
  }
  for (const ports::CallRow& row : rows.calls) {
    world_.note("database", "call " + row.id.text() + " goes to an heir");
    const auto found = leases_.find(row.id);
    if (found == leases_.end()) continue;
    if (row.attempt <= found->second.attempt) {
      say("lease: the takeover of call " + row.id.text() + " does not raise its attempt");
    }
    buried_.insert(found->second.owner);
    perhaps_sent_.insert(row.id);  // for all that the heir knows
    withdrawn_.erase({heir, row.id});
    found->second = {heir, row.attempt, false};
  }
}

void Witness::claimed(const SessionId& session, const std::vector<ports::CallRow>& rows) {
  if (buried_.contains(session) && !rows.empty()) {
    say("session: " + session.text() + " claims calls after its own were taken over");
  }
  for (const ports::CallRow& row : rows) {
    const auto found = leases_.find(row.id);
    if (found == leases_.end()) continue;
    if (!found->second.owner.is_nil()) {
      say("lease: call " + row.id.text() + " is claimed while it is somebody's");
    }
    found->second = {session, row.attempt, false};
  }
}

void Witness::says_it_is(Timestamp now, const char* doing) {
  if (now <= world_.database.now() + k_tolerance) return;
  say("clock: a process " + std::string(doing) + " at " + format_timestamp(now) +
      ", which is ahead of time");
}

void Witness::trace(const std::string& process,
                    const ports::CommitRequest& request,
                    const ports::CommitReply& reply) {
  for (const ports::BindingKey& key : reply.claims) {
    world_.note(process, fmt::format("events wait on {} {}, which it took", key.slot, key.key));
  }
  for (std::size_t i = 0; i < request.groups.size(); ++i) {
    const ports::Group& group = request.groups[i];
    std::string text = "group " + verdict_word(reply.verdicts[i].verdict);
    if (group.unparks.size() > 0) text += fmt::format(", {} unparked", group.unparks.size());
    if (group.outbox.size() > 0) text += fmt::format(", {} posted", group.outbox.size());
    if (group.outbox_done.size() > 0)
      text += fmt::format(", {} delivered", group.outbox_done.size());
    world_.note(process, text);
    for (const ports::ParkWrite& park : group.parks) {
      for (const auto& key : park.keys) {
        world_.note("", fmt::format("  parked on {} {}: {}", key.slot, key.key, park.event));
      }
    }
    for (const ports::HistoryRow& row : group.history) {
      world_.note("", "  " + name_of(row.id) + " " + step_text(row));
    }
    for (const ports::CallWrite& write : group.calls) {
      static constexpr const char* k_words[] = {
          "insert", "end", "retry", "dead", "lease", "withdraw"};
      world_.note("",
                  fmt::format("  row of call {}: {}, attempt {}",
                              write.row.id.text(),
                              k_words[static_cast<std::size_t>(write.op)],
                              write.row.attempt));
    }
  }
}

}  // namespace vozex::simulation

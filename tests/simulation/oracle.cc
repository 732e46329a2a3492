// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/oracle.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <utility>

#include "engine/types/json.h"
#include "tests/simulation/replay.h"

namespace vozex::simulation {
namespace {

using simulated::Tables;
using types::Value;

// "<seq>/..." of a message from an instance.
std::uint32_t seq_of(const std::string& message_id) {
  std::uint32_t seq = 0;
  std::from_chars(message_id.data(), message_id.data() + message_id.size(), seq);
  return seq;
}

class Oracle {
 public:
  Oracle(const World& world, const Kind& kind, const Clients& clients, const Tables& tables)
      : world_(world), kind_(kind), clients_(clients), tables_(tables) {}

  std::vector<std::string> look() {
    read_history();
    nothing_is_left();
    histories_have_no_gaps();
    events_are_applied_once();
    messages_have_arrived();
    decided_calls_have_ended();
    nobody_was_refused();
    return std::move(found_);
  }

 private:
  void say(std::string text) { found_.push_back(std::move(text)); }

  std::string name_of(const InstanceId& id) const {
    for (const auto* table : {&tables_.live, &tables_.finished}) {
      for (const auto& [key, row] : *table) {
        if (key.id == id) return row.workflow + " " + (row.key.empty() ? id.text() : row.key);
      }
    }
    return id.text();
  }

  void read_history() {
    for (const auto& [key, row] : tables_.history) {
      const auto entry = types::parse_json(row.entry);
      if (!entry) {
        say("history: an entry of " + name_of(row.id) + " can't be read");
        continue;
      }
      if (const Value* event = entry->find("event")) read_event(row, *event);
      if (const Value* effects = entry->find("effects")) read_effects(row, *effects);
    }
  }

  void read_event(const ports::HistoryRow& row, const Value& event) {
    const std::string id(event.text_at("id"));
    const std::string source(event.text_at("source"));
    if (source == "client") ++applied_[id][row.id];
    if (source == "call") ended_calls_.insert(id.substr(0, id.find('#')));
    // What comes from nobody has no id of its own, and a call may be sent again many times.
    const std::string_view name = event.text_at("name");
    if (source == "timer" || source == "engine" || name == "start" || name == "retry") return;
    if (!seen_.insert({row.id, source + " " + id}).second) {
      const bool from_client = source == "client";
      say((from_client ? "once: " : "message: ") + name_of(row.id) + " took " + source + " " + id +
          " twice");
    }
    if (!source.starts_with("instance:") || id.ends_with("/start")) return;
    taken_.insert({row.id, source + " " + id});
    look_at_order(row.id, source, id);
  }

  // What one instance posted for another arrives in order, whoever posted and delivered it.
  void look_at_order(const InstanceId& at, const std::string& source, const std::string& id) {
    const auto from = InstanceId::parse(source.substr(source.find(':') + 1));
    std::uint32_t& last = last_from_[{at, *from}];
    if (seq_of(id) < last) {
      say("order: " + name_of(at) + " took " + id + " of " + source + " after a later one");
    }
    last = std::max(last, seq_of(id));
  }

  void read_effects(const ports::HistoryRow& row, const Value& effects) {
    std::uint16_t index = 0;  // of messages to others
    for (const Value& effect : effects.as_list()) {
      const std::string& text = effect.as_string();
      const std::string last = text.substr(text.rfind(' ') + 1);
      if (text.starts_with("call ") || text.starts_with("undo ")) decided_calls_.insert(last);
      if (text.starts_with("child ")) children_.insert({row.id, *InstanceId::parse(last)});
      if (text.starts_with("reply")) replies_.insert({row.id, row.seq});
      if (!text.starts_with("emit ") && !text.starts_with("start ") && !text.starts_with("send "))
        continue;
      if (text.starts_with("emit ")) emitted_.insert({row.id, row.seq, index});
      ++index;
    }
  }

  // Nothing waits for a process any more.
  void nothing_is_left() {
    for (const auto& [id, row] : tables_.calls) {
      say("stuck: call left: " + id.text() + " state " +
          std::to_string(static_cast<int>(row.state)));
    }
    for (const auto& [key, row] : tables_.outbox) say("stuck: message left: " + row.event);
    for (const auto& [mark, parked] : tables_.parked) {
      if (!has_only_ended(parked.keys)) say("waiting: event left: " + parked.row.event);
    }
    for (const auto& [key, row] : tables_.live) {
      if (kind_.stays_open(row)) continue;
      say("stuck: " + row.workflow + " " + row.key + " in " + row.state + ", " +
          machine::to_string(row.life) + (row.incident ? " with an incident" : "") + ", timer " +
          (row.timer_at ? format_timestamp(*row.timer_at) : "none"));
    }
    if (!clients_.all_answered()) say("stuck: somebody has no answer");
  }

  // The process that should have delivered it died, and the instance ended before another looked:
  // it is a dead letter in the end, as an event without an instance is.
  bool has_only_ended(const std::vector<ports::BindingKey>& keys) const {
    for (const ports::BindingKey& key : keys) {
      const auto found = tables_.bindings.find(key);
      if (found == tables_.bindings.end() || found->second.holders.empty()) return false;
      if (found->second.is_live()) return false;
    }
    return true;
  }

  void histories_have_no_gaps() {
    std::map<InstanceId, std::uint32_t> last;
    for (const auto& [key, row] : tables_.history) {
      if (row.seq != ++last[row.id]) {
        say("history: " + name_of(row.id) + " has a gap at " + std::to_string(row.seq));
        last[row.id] = row.seq;
      }
    }
    for (const auto* table : {&tables_.live, &tables_.finished}) {
      for (const auto& [key, row] : *table) {
        if (last[row.id] != row.seq) say("history: that of " + name_of(row.id) + " ends too early");
      }
    }
  }

  // An answered event is at each instance that its stored answer lists, once, and nowhere else.
  void events_are_applied_once() {
    for (const auto& [id, accepted] : clients_.accepted()) {
      const bool by_ops =
          id.starts_with("suspend-") || id.starts_with("resume-") || id.starts_with("mend-");
      const auto mark = tables_.marks.find(mark_of("default", by_ops ? "ops" : "client", id));
      if (mark == tables_.marks.end()) {
        say("once: " + id + " was accepted and forgotten");
        continue;
      }
      if (by_ops) continue;
      const auto told = told_of(mark->second.answer);
      if (id.starts_with("start-") || id.starts_with("rival-")) {
        for (const auto& [instance, times] : told) started_as_told(id, instance);
      } else if (told != applied_[id]) {
        say("once: " + id + " was applied otherwise than answered: " + mark->second.answer);
      }
    }
  }

  static std::map<InstanceId, int> told_of(const std::string& json) {
    std::map<InstanceId, int> told;
    const auto answer = types::parse_json(json);
    const Value* deliveries = answer ? answer->find("deliveries") : nullptr;
    if (deliveries == nullptr) return told;
    for (const Value& delivery : deliveries->as_list()) {
      if (delivery.text_at("outcome") == "ended") continue;
      ++told[*InstanceId::parse(delivery.text_at("instance"))];
    }
    return told;
  }

  void started_as_told(const std::string& id, const InstanceId& instance) {
    if (!tables_.history.contains({instance, 1})) say("once: what " + id + " started is not there");
  }

  // What an instance emitted was taken, or it is recorded that nobody took it; children that were
  // to start have started or failed; replies have come to the parent.
  void messages_have_arrived() {
    for (const auto& [from, seq, index] : emitted_) {
      const std::string id = std::to_string(seq) + "/" + std::to_string(index);
      if (tables_.marks.contains(mark_of("default", "instance:" + from.text(), id))) continue;
      say("message: " + id + " of " + name_of(from) + " was lost");
    }
    std::map<InstanceId, InstanceId> parents;
    for (const auto& [parent, child] : children_) {
      parents[child] = parent;
      const std::string failure = "instance:" + child.text() + " " + child.text() + "/start";
      if (tables_.history.contains({child, 1}) || seen_.contains({parent, failure})) continue;
      say("message: child " + child.text() + " of " + name_of(parent) + " was lost");
    }
    for (const auto& [child, seq] : replies_) {
      const auto parent = parents.find(child);
      if (parent == parents.end()) continue;
      const std::string id = "instance:" + child.text() + " " + std::to_string(seq) + "/reply";
      if (taken_.contains({parent->second, id}) || has_ended(parent->second)) continue;
      say("message: the reply of " + name_of(child) + " was lost");
    }
  }

  bool has_ended(const InstanceId& id) const {
    for (const auto& [key, row] : tables_.finished) {
      if (key.id == id) return true;
    }
    return false;
  }

  void decided_calls_have_ended() {
    for (const std::string& call : decided_calls_) {
      if (!ended_calls_.contains(call)) say("call: " + call + " was decided and never ended");
    }
  }

  void nobody_was_refused() {
    for (const auto& [id, error] : clients_.refused()) {
      if (!kind_.may_be_refused(id, error)) say("refused: " + id + ": " + error.message);
    }
  }

  const World& world_;
  const Kind& kind_;
  const Clients& clients_;
  const Tables& tables_;
  std::vector<std::string> found_;
  std::map<std::string, std::map<InstanceId, int>> applied_;  // events of clients
  std::set<std::pair<InstanceId, std::string>> seen_;         // "<source> <id>"
  std::set<std::pair<InstanceId, std::string>> taken_;        // of instances
  // seq of the last message, by where it was taken, who sent it and which process delivered it
  std::map<std::pair<InstanceId, InstanceId>, std::uint32_t> last_from_;
  std::set<std::string> decided_calls_;
  std::set<std::string> ended_calls_;
  std::set<std::tuple<InstanceId, std::uint32_t, std::uint16_t>> emitted_;
  std::set<std::pair<InstanceId, InstanceId>> children_;
  std::set<std::pair<InstanceId, std::uint32_t>> replies_;
};

}  // namespace

bool is_at_rest(const World& world, const Kind& kind, const Clients& clients) {
  if (!clients.all_answered()) return false;
  return world.database.inspect([&](const Tables& tables) {
    if (!tables.calls.empty() || !tables.outbox.empty() || kind.is_waiting(tables)) return false;
    for (const auto& [key, row] : tables.live) {
      if (!kind.stays_open(row)) return false;
    }
    return true;
  });
}

std::vector<std::string> violations(const World& world, const Kind& kind, const Clients& clients) {
  std::vector<std::string> found = world.witness.violations();
  world.database.inspect([&](const Tables& tables) {
    auto more = Oracle(world, kind, clients, tables).look();
    found.insert(found.end(), more.begin(), more.end());
    replay(world, tables, found);
    kind.judge(world, clients, tables, found);
    return 0;
  });
  return found;
}

}  // namespace vozex::simulation

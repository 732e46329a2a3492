// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/oracle.h"

#include <map>
#include <set>
#include <utility>

#include "engine/types/json.h"

namespace vozex::simulation {
namespace {

using simulated::Tables;
using types::Value;

class Oracle {
 public:
  Oracle(const World& world, const Clients& clients, const Tables& tables)
      : world_(world), clients_(clients), tables_(tables) {}

  std::vector<std::string> look() {
    read_history();
    nothing_is_left();
    histories_have_no_gaps();
    events_are_applied_once();
    decided_calls_have_ended();
    charges_happen_once();
    orders_have_ended_as_they_should();
    scheduled_moments_start_once();
    return std::move(found_);
  }

 private:
  void say(std::string text) { found_.push_back(std::move(text)); }

  void read_history() {
    for (const auto& [key, row] : tables_.history) {
      const auto entry = types::parse_json(row.entry);
      if (!entry) {
        say("unreadable history of " + row.id.text());
        continue;
      }
      if (const Value* event = entry->find("event")) {
        const std::string id(event->text_at("id"));
        const std::string source(event->text_at("source"));
        if (source == "client") ++applied_[id][row.id];
        if (source == "call") ended_calls_.insert(id.substr(0, id.find('#')));
      }
      const Value* effects = entry->find("effects");
      if (effects == nullptr) continue;
      for (const Value& effect : effects->as_list()) {
        const std::string& text = effect.as_string();
        if (text.starts_with("call ") || text.starts_with("undo "))
          decided_calls_.insert(text.substr(text.rfind(' ') + 1));
      }
    }
  }

  // Nothing waits for a process any more.
  void nothing_is_left() {
    for (const auto& [id, row] : tables_.calls) {
      say("call left: " + id.text() + " state " + std::to_string(static_cast<int>(row.state)));
    }
    for (const auto& [key, row] : tables_.outbox) say("outbox row left: " + row.event);
    for (const auto& [mark, parked] : tables_.parked) {
      if (!has_only_ended(parked.keys)) say("parked event left: " + parked.row.event);
    }
    for (const auto& [key, row] : tables_.live) {
      if (row.workflow == "ledger") continue;
      say("live at the end: " + row.workflow + " " + row.key + " in " + row.state + ", " +
          machine::to_string(row.life) + (row.incident ? " with an incident" : "") + ", timer " +
          (row.timer_at ? format_timestamp(*row.timer_at) : "none") + ", rt " + row.rt);
    }
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
        say("history of " + row.id.text() + " has a gap at " + std::to_string(row.seq));
      }
    }
    const auto check = [&](const auto& rows) {
      for (const auto& [key, row] : rows) {
        if (last[row.id] != row.seq) say("history of " + row.id.text() + " ends too early");
      }
    };
    check(tables_.live);
    check(tables_.finished);
  }

  // An answered event is at each instance that its stored answer lists, once, and nowhere else.
  void events_are_applied_once() {
    for (const auto& [id, accepted] : clients_.accepted()) {
      if (id.starts_with("start-")) continue;
      const auto mark = tables_.marks.find(mark_of("default", "client", id));
      if (mark == tables_.marks.end()) {
        say("accepted and forgotten: " + id);
        continue;
      }
      const auto answer = types::parse_json(mark->second.answer);
      std::map<InstanceId, int> told;
      for (const Value& delivery : answer->find("deliveries")->as_list()) {
        if (delivery.text_at("outcome") == "ended") continue;
        ++told[*InstanceId::parse(delivery.text_at("instance"))];
      }
      if (told != applied_[id]) {
        say("applied otherwise than answered: " + id + ": " + mark->second.answer);
      }
    }
    for (const auto& [id, instances] : applied_) {
      for (const auto& [instance, times] : instances) {
        if (times != 1) say(id + " applied " + std::to_string(times) + " times");
      }
    }
  }

  void decided_calls_have_ended() {
    for (const std::string& call : decided_calls_) {
      if (!ended_calls_.contains(call)) say("decided and never ended: " + call);
    }
  }

  void charges_happen_once() {
    for (const auto& [key, done] : world_.outside.charges()) {
      if (done.charges > 1) {
        say(key + " charged " + std::to_string(done.charges) + " times");
      }
    }
  }

  // Whatever goes wrong, no moment twice; and in the calm none is missed.
  void scheduled_moments_start_once() {
    std::map<std::string, int> rounds;
    for (const auto& [key, row] : tables_.finished) {
      if (row.workflow != "round") continue;
      const auto input = types::parse_json(row.input);
      ++rounds[std::string(input->text_at("at"))];
    }
    for (const auto& [at, times] : rounds) {
      if (times != 1) say("the round of " + at + " started " + std::to_string(times) + " times");
    }
    constexpr Duration k_apart{std::chrono::minutes{3}};
    for (Timestamp at = world_.calm_from + k_apart; at < world_.agenda.now(); at += k_apart) {
      const Timestamp hour = std::chrono::floor<std::chrono::hours>(at);
      const Timestamp moment = hour + (at - hour) / k_apart * k_apart + std::chrono::minutes{1};
      if (moment < world_.agenda.now() && !rounds.contains(format_timestamp(moment)))
        say("the round of " + format_timestamp(moment) + " was missed");
    }
  }

  void orders_have_ended_as_they_should() {
    std::map<std::string, std::vector<const ports::InstanceRow*>> shops;
    std::int64_t shipped = 0;
    for (const auto& [key, row] : tables_.finished) {
      if (row.workflow == "shop") shops[row.key].push_back(&row);
    }
    for (int i = 0; i < clients_.orders(); ++i) {
      const std::string name = Clients::order_name(i);
      const auto& rows = shops[name];
      if (rows.size() != 1) {
        say(name + " has " + std::to_string(rows.size()) + " finished instances");
        continue;
      }
      const bool declined = Outside::declines(name);
      const bool cancelled =
          rows[0]->state == "cancelled" && clients_.accepted().contains("cancel-" + name);
      const std::string wanted = cancelled ? "cancelled" : declined ? "refused" : "done";
      if (rows[0]->state != wanted) say(name + " ended in " + rows[0]->state);
      const auto money = world_.outside.charges().find(rows[0]->id.text() + "/1/0");
      const int charged = money == world_.outside.charges().end() ? 0 : money->second.charges;
      const int refunded = money == world_.outside.charges().end() ? 0 : money->second.refunds;
      if (wanted == "done" ? charged != 1 || refunded != 0 : charged != refunded) {
        say(name + " " + wanted + ": charged " + std::to_string(charged) + ", refunded " +
            std::to_string(refunded));
      }
      if (wanted != "done") continue;
      ++shipped;
      const auto data = types::parse_json(rows[0]->data);
      if (data->find("payments")->as_integer() != 1) say(name + " was paid: " + rows[0]->data);
    }
    for (const auto& [key, row] : tables_.live) {
      if (row.workflow != "ledger") continue;
      const auto total = types::parse_json(row.data)->find("total")->as_integer();
      if (total != shipped) {
        say("the ledger has " + std::to_string(total) + " of " + std::to_string(shipped));
      }
    }
  }

  const World& world_;
  const Clients& clients_;
  const Tables& tables_;
  std::vector<std::string> found_;
  std::map<std::string, std::map<InstanceId, int>> applied_;
  std::set<std::string> decided_calls_;
  std::set<std::string> ended_calls_;
};

}  // namespace

std::vector<std::string> violations(const World& world, const Clients& clients) {
  return world.store.inspect(
      [&](const Tables& tables) { return Oracle(world, clients, tables).look(); });
}

}  // namespace vozex::simulation

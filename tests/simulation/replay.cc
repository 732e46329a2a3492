// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/replay.h"

#include <map>
#include <optional>
#include <utility>

#include "engine/machine/codec.h"
#include "engine/runtime/batch/mending.h"
#include "engine/runtime/batch/migration.h"
#include "engine/step/step.h"
#include "engine/types/json.h"

namespace vozex::simulation {
namespace {

using machine::Event;
using simulated::Tables;
using types::Value;

struct Track {
  const ports::InstanceRow* row = nullptr;
  machine::MachineRef machine;
  machine::Snapshot stored;  // as the row says
  std::vector<const ports::HistoryRow*> entries;
  std::size_t done = 0;
  machine::Snapshot snapshot;
  bool broken = false;
};

// What an entry says of its cause.
struct Named {
  std::string source;
  std::string id;
  std::string name;
  machine::Causation causation = {};
};

std::int64_t number_at(const Value& event, std::string_view name, std::int64_t otherwise) {
  const Value* number = event.find(name);
  return number != nullptr ? number->as_integer() : otherwise;
}

Named named(const Value& entry) {
  const Value* event = entry.find("event");
  if (event == nullptr) return {};
  return {std::string(event->text_at("source")),
          std::string(event->text_at("id")),
          std::string(event->text_at("name")),
          {static_cast<std::uint8_t>(number_at(*event, "depth", 0)),
           static_cast<std::uint16_t>(number_at(*event, "turns", 0)),
           static_cast<std::uint32_t>(number_at(*event, "left", machine::k_max_caused))}};
}

class Replayer {
 public:
  Replayer(const World& world, const Tables& tables, std::vector<std::string>& found)
      : world_(world), tables_(tables), found_(found) {}

  void run() {
    read_rows();
    // Causes come from other instances: round and round, until nothing moves.
    for (bool moved = true; moved;) {
      moved = false;
      for (auto& [id, track] : tracks_) moved = advance(track) || moved;
    }
    for (auto& [id, track] : tracks_) compare(track);
  }

 private:
  void say(const Track& track, const std::string& text) {
    found_.push_back("replay: " + track.row->workflow + " " + track.row->key + " " + text);
  }

  void read_rows() {
    for (const auto* table : {&tables_.live, &tables_.finished}) {
      for (const auto& [key, row] : *table) {
        Track& track = tracks_[key.id];
        track.row = &row;
        track.machine = world_.definitions->find(row.workflow, row.version);
        track.stored.id = row.id;
        track.stored.workflow = row.workflow;
        if (track.machine == nullptr ||
            !machine::decode(*track.machine, {row.input, row.data, row.rt}, track.stored)) {
          track.broken = true;
          say(track, "can't be read");
        }
      }
    }
    for (const auto& [key, row] : tables_.history) {
      const auto found = tracks_.find(row.id);
      if (found != tracks_.end()) found->second.entries.push_back(&row);
    }
    for (auto& [id, track] : tracks_) begin_with_first_version(track);
  }

  bool advance(Track& track) {
    bool moved = false;
    while (!track.broken && track.done < track.entries.size() && step_once(track)) moved = true;
    return moved;
  }

  // False when its cause is not known yet.
  bool step_once(Track& track) {
    const ports::HistoryRow& row = *track.entries[track.done];
    const auto entry = types::parse_json(row.entry);
    const Named cause = named(*entry);
    if (track.done == 0) return start(track, row, cause);
    if (cause.name == "retry" && cause.source.starts_with("ops:")) {
      return send_again(track, row, cause.id);
    }
    if (cause.name == "incident" && cause.source == "engine") return leave_alone(track, row);
    if (cause.name == runtime::k_mend_event) return mend(track, row);
    auto event = cause_of(track, cause);
    if (!event) return false;
    event->causation = cause.causation;
    const machine::Earlier before = machine::earlier(*track.machine, track.snapshot);
    if (runtime::is_migration(*event)) {
      const StepReport report =
          runtime::migrate_step(*world_.definitions, *event, row.at, track.machine, track.snapshot);
      check(track, row, before, *event, report);
      return true;
    }
    StepOutcome outcome = step(*track.machine, track.snapshot, *event, row.at, config_of(track));
    track.snapshot = std::move(outcome.next);
    check(track, row, before, *event, outcome);
    return true;
  }

  const Value& config_of(const Track& track) const {
    return world_.definitions->config_of(*track.machine);
  }

  bool start(Track& track, const ports::HistoryRow& row, const Named& cause) {
    StartRequest request{
        track.row->id, track.row->root, std::nullopt, track.row->tenant, track.stored.input};
    if (!track.row->parent.is_nil()) {
      const auto made = children_.find(track.row->id);
      if (made == children_.end()) return false;
      request.parent = machine::ParentRef{
          track.row->parent, made->second.of, made->second.depth, made->second.room};
      request.input = made->second.input;
    }
    request.causation = cause.causation;
    auto outcome = vozex::start(*track.machine, request, row.at, config_of(track));
    if (!outcome) {
      track.broken = true;
      say(track, "does not start: " + outcome.error().message);
      return false;
    }
    Event event;
    event.id = cause.id;
    event.source = cause.source;
    event.name = cause.name;
    event.causation = cause.causation;
    track.snapshot = std::move(outcome->next);
    check(track, row, machine::Earlier{}, event, *outcome);
    return true;
  }

  // The version that an instance was started with: its first migration names it.
  void begin_with_first_version(Track& track) const {
    for (const ports::HistoryRow* row : track.entries) {
      const auto entry = types::parse_json(row->entry);
      if (named(*entry).name != runtime::k_migrate_event) continue;
      const std::string note(entry->text_at("note"));
      track.machine = world_.definitions->find(
          track.row->workflow, static_cast<std::uint32_t>(std::stoul(note.substr(note.find(' ')))));
      return;
    }
  }

  // What ops did beside the machine: a failed call is open again, if anybody waits for it.
  static bool send_again(Track& track, const ports::HistoryRow& row, const std::string& call) {
    track.snapshot.seq += 1;
    track.snapshot.at = row.at;
    for (machine::Invocation& invocation : track.snapshot.invocations) {
      for (machine::InvokedItem& item : invocation.items) {
        const bool failed = item.status == machine::ItemStatus::failed && !invocation.settled;
        if (failed && item.call && item.call->text() == call) {
          item.status = machine::ItemStatus::running;
        }
      }
    }
    ++track.done;
    return true;
  }

  // Somebody could not read the row, and said so: only columns changed.
  static bool leave_alone(Track& track, const ports::HistoryRow& row) {
    track.snapshot.seq += 1;
    track.snapshot.at = row.at;
    ++track.done;
    return true;
  }

  // Ops gave back what had been there: it is as it was, but held.
  bool mend(Track& track, const ports::HistoryRow& row) const {
    leave_alone(track, row);
    const Value& order = world_.sent.at({"ops", named(*types::parse_json(row.entry)).id}).data;
    track.snapshot.life = machine::Life::held;
    machine::Incident incident;
    incident.seq = track.snapshot.seq;
    incident.code = runtime::k_mended_incident;
    incident.message = "the row was mended by " + std::string(order.text_at("actor")) + ": " +
                       std::string(order.text_at("reason"));
    incident.at = row.at;
    incident.holds = true;
    track.snapshot.incidents.push_back(std::move(incident));
    return true;
  }

  std::optional<Event> cause_of(const Track& track, const Named& cause) const {
    if (cause.source == "timer") return timer_of(track, cause);
    if (cause.source == "call") return call_of(track, cause);
    if (const auto sent = world_.sent.find({cause.source, cause.id}); sent != world_.sent.end()) {
      return sent->second;
    }
    const auto message = messages_.find({track.row->id, cause.source, cause.id});
    if (message != messages_.end()) return message->second;
    const auto emitted = messages_.find({InstanceId{}, cause.source, cause.id});
    if (emitted != messages_.end()) return emitted->second;
    return std::nullopt;
  }

  std::optional<Event> timer_of(const Track& track, const Named& cause) const {
    const auto due = machine::next_timer(*track.machine, track.snapshot);
    if (!due) return std::nullopt;
    Event event;
    event.id = due->state + "#" + std::to_string(due->index) + "@" + std::to_string(due->entry);
    if (event.id != cause.id) return std::nullopt;
    event.source = "timer";
    event.name = "timer";
    event.time = due->due;
    event.tenant = track.row->tenant;
    event.cause = *due;
    return event;
  }

  // As it was offered; what nobody offered was withdrawn before it was sent.
  std::optional<Event> call_of(const Track& track, const Named& cause) const {
    const auto id = CallId::parse(cause.id.substr(0, cause.id.find('#')));
    if (!id) return std::nullopt;
    Event event;
    event.id = cause.id;
    event.source = "call";
    event.name = "call";
    event.tenant = track.row->tenant;
    machine::CallEnded ended;
    ended.call = *id;
    ended.error.code = "withdrawn";
    ended.error.message = "the call was withdrawn before it was sent";
    const auto offered = world_.ended.find(cause.id);
    event.cause = offered != world_.ended.end() ? offered->second : ended;
    return event;
  }

  void check(Track& track,
             const ports::HistoryRow& row,
             const machine::Earlier& before,
             const Event& event,
             const StepReport& outcome) {
    ++track.done;
    for (const machine::Effect& effect : outcome.effects) remember(track, effect);
    const std::string entry = machine::encode_history(*track.machine,
                                                      before,
                                                      track.snapshot,
                                                      event,
                                                      outcome.disposition,
                                                      outcome.explanation,
                                                      outcome.effects);
    if (entry == row.entry) return;
    track.broken = true;
    say(track,
        "goes otherwise at " + std::to_string(row.seq) + ":\n  stored   " + row.entry +
            "\n  replayed " + entry);
  }

  static Event message_of(const Track& track, std::string name, std::string id) {
    Event event;
    event.id = std::to_string(track.snapshot.seq) + "/" + std::move(id);
    event.source = "instance:" + track.row->id.text();
    event.name = std::move(name);
    event.time = track.snapshot.at;
    event.tenant = track.row->tenant;
    event.causation = track.snapshot.causation;
    return event;
  }

  void post(const InstanceId& to, Event event) {
    messages_.insert_or_assign({to, event.source, event.id}, std::move(event));
  }

  void remember(const Track& track, const machine::Effect& effect) {
    if (const auto* child = std::get_if<machine::StartChild>(&effect)) {
      children_.insert_or_assign(child->child, *child);
    } else if (const auto* cancel = std::get_if<machine::CancelChild>(&effect)) {
      post(cancel->child, message_of(track, "cancel", "cancel/" + cancel->child.text()));
    } else if (const auto* emit = std::get_if<machine::Emit>(&effect)) {
      Event event = message_of(track, emit->event, std::to_string(emit->index));
      event.data = emit->data;
      event.causation = emit->causation;
      post(InstanceId{}, std::move(event));
    } else if (const auto* sent = std::get_if<machine::SendTo>(&effect)) {
      Event event = message_of(track, sent->event, std::to_string(sent->index));
      event.data = sent->data;
      event.causation = sent->causation;
      post(sent->to, std::move(event));
    } else if (const auto* reply = std::get_if<machine::Reply>(&effect)) {
      if (!track.snapshot.parent) return;
      Event event = message_of(track, "child", "reply");
      event.cause = machine::ChildEnded{track.snapshot.parent->of,
                                        track.row->id,
                                        reply->ok,
                                        reply->final,
                                        reply->result,
                                        reply->error};
      post(track.snapshot.parent->instance, std::move(event));
    }
  }

  void compare(const Track& track) {
    if (track.broken) return;
    if (track.done < track.entries.size()) {
      say(track, "has a step without a cause: " + track.entries[track.done]->entry);
      return;
    }
    const machine::StoredSnapshot replayed = machine::encode(*track.machine, track.snapshot);
    const ports::InstanceRow& row = *track.row;
    if (replayed.input != row.input) say(track, "has another input: " + row.input);
    if (replayed.data != row.data) say(track, "has other data: " + row.data);
    if (replayed.rt != row.rt)
      say(track, "is not as replayed:\n  " + row.rt + "\n  " + replayed.rt);
    if (track.snapshot.seq != row.seq || track.snapshot.life != row.life ||
        track.snapshot.key != row.key || track.snapshot.at != row.at ||
        machine::next_due(track.snapshot) != row.timer_at ||
        machine::state_text(*track.machine, track.snapshot) != row.state) {
      say(track, "has other columns");
    }
  }

  using MessageKey = std::tuple<InstanceId, std::string, std::string>;  // to, source, id

  const World& world_;
  const Tables& tables_;
  std::vector<std::string>& found_;
  std::map<InstanceId, Track> tracks_;
  std::map<InstanceId, machine::StartChild> children_;
  std::map<MessageKey, Event> messages_;  // of emitted ones, to nobody in particular
};

}  // namespace

void replay(const World& world, const Tables& tables, std::vector<std::string>& violations) {
  Replayer(world, tables, violations).run();
}

}  // namespace vozex::simulation

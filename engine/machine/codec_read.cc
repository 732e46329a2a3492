// SPDX-License-Identifier: Apache-2.0
//
// Reading snapshots: codec.cc says what stands where. Stored text is not trusted: whatever doesn't
// fit is the error corrupt_snapshot, a state that this machine doesn't have is unknown_state.
#include <algorithm>
#include <utility>

#include "engine/machine/codec_parts.h"
#include "engine/machine/stored_json.h"
#include "engine/types/validate.h"

namespace vozex::machine {
namespace {

using types::Value;

class SnapshotReader {
 public:
  SnapshotReader(const Machine& machine, Snapshot& snapshot)
      : machine_(machine), snapshot_(snapshot) {}

  void read(const Value& rt) {
    rt_ = &rt;
    if (reader_.number<int>(rt.find("format"), "format") != k_snapshot_format) {
      reader_.fail_with("format: expected " + std::to_string(k_snapshot_format));
    }
    read_states();
    read_history();
    read_timers();
    read_sends();
    read_invocations();
    read_undo();
    read_approvals();
    read_tasks();
    read_incidents();
    read_causation();
    read_own_steps();
    read_parent();
    snapshot_.deferred = read_events("deferred");
    snapshot_.queued = read_events("queued");
    snapshot_.keys = read_texts(rt.find("keys"), "keys");
    snapshot_.replied = reader_.boolean(rt.find("replied"), "replied");
    snapshot_.status = reader_.text(rt.find("status"), "status");
    snapshot_.output = reader_.value(rt.find("output"), "output");
    const Value* error = rt.find("error");
    snapshot_.error = error != nullptr ? read_error(reader_, *error) : ErrorInfo{};
  }

  Result<void> verdict() const {
    if (!unknown_.empty()) {
      return fail(ErrorClass::corrupt,
                  "unknown_state",
                  "workflow " + machine_.workflow + " version " + std::to_string(machine_.version) +
                      " has no state " + unknown_);
    }
    if (reader_.failed()) return reader_.failure("corrupt_snapshot");
    return {};
  }

 private:
  StateIndex state(const Value* value, const char* what, bool pseudo = false) {
    const std::string path = reader_.text(value, what);
    const StateIndex index = machine_.find_state(path);
    const bool history =
        index != k_no_state && (machine_.states[index].kind == StateKind::history_shallow ||
                                machine_.states[index].kind == StateKind::history_deep);
    if (index == k_no_state || history != pseudo) {
      if (unknown_.empty()) unknown_ = path.empty() ? "(none)" : path;
      return k_root;
    }
    return index;
  }

  std::vector<std::string> read_texts(const Value* value, const char* what) {
    std::vector<std::string> texts;
    for (const Value& text : reader_.list(value, what)) texts.push_back(reader_.text(&text, what));
    return texts;
  }

  std::vector<Event> read_events(const char* member) {
    std::vector<Event> events;
    for (const Value& event : reader_.list(rt_->find(member), member))
      events.push_back(read_event(reader_, event));
    return events;
  }

  // Only the innermost states are stored; those above them are active with them.
  void read_states() {
    std::vector<StateIndex>& active = snapshot_.configuration;
    active.clear();
    for (const Value& path : reader_.list(rt_->find("states"), "states")) {
      StateIndex at = state(&path, "states");
      for (; at != k_root && at != k_no_state; at = machine_.states[at].parent)
        active.push_back(at);
    }
    std::sort(active.begin(), active.end());
    active.erase(std::unique(active.begin(), active.end()), active.end());
    if (!is_legal()) reader_.fail_with("states: not a legal configuration of " + machine_.workflow);
  }

  std::size_t active_children(const State& parent) const {
    std::size_t count = 0;
    for (const StateIndex child : parent.children) count += snapshot_.is_active(child) ? 1u : 0u;
    return count;
  }

  // SCXML's legal configurations: one child of an active compound state, all of a parallel one.
  // Nothing at all is legal too: the instance is being cancelled.
  bool is_legal() const {
    if (snapshot_.configuration.empty()) return true;
    const auto holds = [&](const State& state) {
      if (state.kind == StateKind::compound) return active_children(state) == 1;
      if (state.kind == StateKind::parallel) return active_children(state) == state.children.size();
      return true;
    };
    if (!holds(machine_.states[k_root])) return false;
    return std::all_of(snapshot_.configuration.begin(),
                       snapshot_.configuration.end(),
                       [&](StateIndex index) { return holds(machine_.states[index]); });
  }

  void read_history() {
    snapshot_.history.clear();
    for (const Value& entry : reader_.list(rt_->find("history"), "history")) {
      const StateIndex pseudo = state(reader_.at(entry, 0, 2, "history"), "history", true);
      std::vector<StateIndex> states;
      const Value* list = reader_.at(entry, 1, 2, "history");
      for (const Value& path : reader_.list(list, "history"))
        states.push_back(state(&path, "history"));
      snapshot_.history.emplace_back(pseudo, std::move(states));
    }
    std::sort(snapshot_.history.begin(), snapshot_.history.end());
  }

  void read_timers() {
    snapshot_.timers.clear();
    for (const Value& entry : reader_.list(rt_->find("timers"), "timers")) {
      ArmedTimer timer;
      timer.state = state(reader_.at(entry, 0, 4, "timers"), "timers");
      timer.index = reader_.number<std::uint16_t>(reader_.at(entry, 1, 4, "timers"), "timers");
      timer.entry = reader_.number<std::uint32_t>(reader_.at(entry, 2, 4, "timers"), "timers");
      timer.due = reader_.time(reader_.at(entry, 3, 4, "timers"), "timers");
      snapshot_.timers.push_back(timer);
    }
  }

  void read_sends() {
    snapshot_.sends.clear();
    for (const Value& entry : reader_.list(rt_->find("sends"), "sends")) {
      PendingSend send;
      send.data = reader_.value(entry.find("data"), "sends.data");
      send.due = reader_.time(entry.find("due"), "sends.due");
      send.entry = reader_.number<std::uint32_t>(entry.find("entry"), "sends.entry");
      send.event = reader_.text(entry.find("event"), "sends.event");
      send.id = reader_.text(entry.find("id"), "sends.id");
      snapshot_.sends.push_back(std::move(send));
    }
  }

  InvokedItem read_item(const Value& value) {
    InvokedItem item;
    item.call = reader_.optional_call(value.find("call"), "items.call");
    if (const Value* child = value.find("child"))
      item.child = reader_.instance(child, "items.child");
    if (const Value* error = value.find("error")) item.error = read_error(reader_, *error);
    item.item = reader_.value(value.find("item"), "items.item");
    item.result = reader_.value(value.find("result"), "items.result");
    const int status = reader_.number<int>(value.find("status"), "items.status");
    if (status < 0 || status > static_cast<int>(ItemStatus::cancelled)) {
      reader_.fail_with("items.status: unknown status " + std::to_string(status));
      return item;
    }
    item.status = static_cast<ItemStatus>(status);
    return item;
  }

  void read_invocations() {
    snapshot_.invocations.clear();
    for (const Value& entry : reader_.list(rt_->find("invocations"), "invocations")) {
      Invocation invocation;
      invocation.entry = reader_.number<std::uint32_t>(entry.find("entry"), "invocations.entry");
      invocation.invoke = reader_.text(entry.find("invoke"), "invocations.invoke");
      for (const Value& item : reader_.list(entry.find("items"), "invocations.items")) {
        invocation.items.push_back(read_item(item));
      }
      invocation.settled = reader_.boolean(entry.find("settled"), "invocations.settled");
      if (const Value* path = entry.find("state"))
        invocation.state = state(path, "invocations.state");
      snapshot_.invocations.push_back(std::move(invocation));
    }
  }

  void read_undo() {
    snapshot_.undo.clear();
    for (const Value& entry : reader_.list(rt_->find("undo"), "undo")) {
      Undo undo;
      undo.by = reader_.optional_call(entry.find("by"), "undo.by");
      undo.call = reader_.call(entry.find("call"), "undo.call");
      undo.done = reader_.boolean(entry.find("done"), "undo.done");
      undo.input = reader_.value(entry.find("input"), "undo.input");
      undo.operation = reader_.text(entry.find("operation"), "undo.operation");
      snapshot_.undo.push_back(std::move(undo));
    }
  }

  void read_approvals() {
    snapshot_.approvals.clear();
    for (const Value& entry : reader_.list(rt_->find("approvals"), "approvals")) {
      Approval approval;
      approval.state = state(reader_.at(entry, 0, 3, "approvals"), "approvals");
      approval.action = reader_.text(reader_.at(entry, 1, 3, "approvals"), "approvals");
      approval.actors = read_texts(reader_.at(entry, 2, 3, "approvals"), "approvals");
      snapshot_.approvals.push_back(std::move(approval));
    }
  }

  void read_tasks() {
    snapshot_.tasks.clear();
    for (const Value& entry : reader_.list(rt_->find("tasks"), "tasks")) {
      OpenTask task;
      task.state = state(entry.find("state"), "tasks.state");
      task.entry = reader_.number<std::uint32_t>(entry.find("entry"), "tasks.entry");
      task.index = reader_.number<std::uint16_t>(entry.find("index"), "tasks.index");
      task.title = reader_.text(entry.find("title"), "tasks.title");
      task.queue = reader_.text(entry.find("queue"), "tasks.queue");
      task.roles = read_texts(entry.find("roles"), "tasks.roles");
      task.assignee = reader_.text(entry.find("assignee"), "tasks.assignee");
      task.opened_at = reader_.time(entry.find("opened"), "tasks.opened");
      if (const Value* at = entry.find("claimed"))
        task.claimed_at = reader_.time(at, "tasks.claimed");
      if (const Value* at = entry.find("due")) task.due = reader_.time(at, "tasks.due");
      task.level = reader_.number<std::uint16_t>(entry.find("level"), "tasks.level");
      snapshot_.tasks.push_back(std::move(task));
    }
  }

  void read_incidents() {
    snapshot_.incidents.clear();
    for (const Value& entry : reader_.list(rt_->find("incidents"), "incidents")) {
      Incident incident;
      incident.at = reader_.time(entry.find("at"), "incidents.at");
      incident.call = reader_.optional_call(entry.find("call"), "incidents.call");
      incident.code = reader_.text(entry.find("code"), "incidents.code");
      incident.holds = reader_.boolean(entry.find("holds"), "incidents.holds");
      incident.message = reader_.text(entry.find("message"), "incidents.message");
      incident.seq = reader_.number<std::uint32_t>(entry.find("seq"), "incidents.seq");
      incident.state = reader_.text(entry.find("state"), "incidents.state");
      snapshot_.incidents.push_back(std::move(incident));
    }
  }

  void read_causation() {
    snapshot_.causation = {};
    snapshot_.turn_seq = 0;
    const Value* value = rt_->find("causation");
    if (value == nullptr) return;
    const auto number = [&]<class Number>(std::size_t index, Number& to) {
      to = reader_.number<Number>(reader_.at(*value, index, 4, "causation"), "causation");
    };
    number(0, snapshot_.causation.depth);
    number(1, snapshot_.causation.turns);
    number(2, snapshot_.causation.left);
    number(3, snapshot_.turn_seq);
  }

  void read_own_steps() {
    snapshot_.own_steps = {};
    const Value* value = rt_->find("own_steps");
    if (value == nullptr) return;
    OwnSteps& own = snapshot_.own_steps;
    own.count = reader_.number<std::uint32_t>(reader_.at(*value, 0, 2, "own_steps"), "own_steps");
    own.since = reader_.time(reader_.at(*value, 1, 2, "own_steps"), "own_steps");
  }

  void read_parent() {
    snapshot_.parent.reset();
    const Value* value = rt_->find("parent");
    if (value == nullptr) return;
    ParentRef parent;
    parent.instance = reader_.instance(reader_.at(*value, 0, 4, "parent"), "parent");
    parent.of.invoke = reader_.text(reader_.at(*value, 1, 4, "parent"), "parent");
    parent.of.entry = reader_.number<std::uint32_t>(reader_.at(*value, 2, 4, "parent"), "parent");
    parent.of.item = reader_.number<std::uint32_t>(reader_.at(*value, 3, 4, "parent"), "parent");
    if (const Value* depth = rt_->find("depth"))
      parent.depth = reader_.number<std::uint8_t>(depth, "depth");
    if (const Value* room = rt_->find("room"))
      parent.room = reader_.number<std::uint32_t>(room, "room");
    snapshot_.parent = std::move(parent);
  }

  const Machine& machine_;
  Snapshot& snapshot_;
  const Value* rt_ = nullptr;
  JsonReader reader_;
  std::string unknown_;
};

// Declared types give back the kinds that JSON lacks. A member that no longer fits its type (an
// older version wrote it) stays as it is: expressions fail on it by name, which says more than a
// snapshot that can't be read.
Value typed(Value stored, const types::TypeRef& type) {
  if (type == nullptr || !stored.is_map()) return stored;
  Value::Map members = stored.as_map();
  for (Value::MapEntry& member : members) {
    if (!member.key.is_string()) continue;
    const types::Field* field = types::find_field(*type, member.key.as_string());
    if (field == nullptr || field->type == nullptr) continue;
    auto valid = types::validate(member.value, *field->type);
    if (valid) member.value = *std::move(valid);
  }
  return Value::map(std::move(members));
}

}  // namespace

Result<void> decode(const Machine& machine, const StoredSnapshot& stored, Snapshot& snapshot) {
  auto input = parse_stored(stored.input);
  if (!input)
    return fail(ErrorClass::corrupt, "corrupt_snapshot", "input: " + input.error().message);
  auto data = parse_stored(stored.data);
  if (!data) return fail(ErrorClass::corrupt, "corrupt_snapshot", "data: " + data.error().message);
  auto rt = parse_stored(stored.rt);
  if (!rt) return fail(ErrorClass::corrupt, "corrupt_snapshot", "rt: " + rt.error().message);
  if (!rt->is_map()) return fail(ErrorClass::corrupt, "corrupt_snapshot", "rt: expected an object");
  if (machine.states.empty())
    return fail(ErrorClass::corrupt, "corrupt_snapshot", "the machine has no states");
  snapshot.input = typed(*std::move(input), machine.input);
  snapshot.data = typed(*std::move(data), machine.data);
  SnapshotReader reader(machine, snapshot);
  reader.read(*rt);
  return reader.verdict();
}

}  // namespace vozex::machine

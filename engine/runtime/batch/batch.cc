// SPDX-License-Identifier: Apache-2.0
//
// What a batch needs, and in which order it runs.
#include "engine/runtime/batch/batch.h"

#include <algorithm>
#include <utility>

#include "engine/base/assert.h"
#include "engine/machine/codec.h"
#include "engine/runtime/batch/inbox.h"
#include "engine/runtime/definitions/door.h"
#include "engine/runtime/items/rows.h"

namespace vozex::runtime {

Batch::Batch(BatchContext context, std::vector<Item> items, Timestamp now)
    : context_(std::move(context)), now_(now) {
  tasks_.reserve(items.size());
  // Where one is looked at, all are: one duplicate makes its whole group go again.
  const bool look_first =
      std::any_of(items.begin(), items.end(), [](const Item& item) { return item.look_first; });
  for (Item& item : items) {
    Task task;
    task.item = std::move(item);
    task.item.look_first = look_first;
    tasks_.push_back(std::move(task));
    parents_.push_back(parents_.size());
  }
}

Needs Batch::needs() {
  Needs needs;
  for (Task& task : tasks_) {
    if (task.stage == Stage::fresh) want(task, needs);
    if (task.unmatched) want_event(task, needs);
    if (task.wants_mark && !marks_.contains(*task.item.mark))
      needs.load.marks.push_back(*task.item.mark);
  }
  for (const auto& [id, messages] : stash_) want_instance(messages.front().to, needs);
  std::sort(needs.load.instances.begin(), needs.load.instances.end());
  auto& instances = needs.load.instances;
  instances.erase(std::unique(instances.begin(), instances.end()), instances.end());
  auto& bindings = needs.load.bindings;
  std::sort(bindings.begin(), bindings.end());
  bindings.erase(std::unique(bindings.begin(), bindings.end()), bindings.end());
  return needs;
}

void Batch::accept(const Needs& asked, const Loaded& loaded) {
  if (asked.definitions) {
    if (loaded.definitions != nullptr) context_.definitions = loaded.definitions;
    std::erase_if(works_, [this](const auto& entry) {
      const Work& work = entry.second;
      if (work.unknown_version) versions_asked_.insert(version_of(work));
      return work.unknown_version;
    });
  }
  keys_.load(asked.load.bindings, loaded.rows.bindings);
  for (const ports::InstanceRow& row : loaded.rows.instances) add_row(row);
  for (const ports::InstanceKey& key : asked.load.instances) {
    doubted_.erase(key.id);
    if (Work* work = find(key.id)) work->from_cache = false;
    if (!works_.contains(key.id)) absent_.insert(key);
  }
  if (!asked.load.outbox.empty()) take_earlier(loaded.rows.outbox);
  for (const MarkId& mark : asked.load.marks) marks_.try_emplace(mark, std::nullopt);
  for (const ports::MarkRow& row : loaded.rows.marks) marks_[row.mark] = row;
  for (const InstanceId& id : asked.locate) places_.try_emplace(id, std::nullopt);
  for (const ports::InstanceRow& row : loaded.located) {
    places_[row.id] = ports::InstanceKey{row.shard, row.id};
  }
}

bool Batch::run() {
  release_stash();
  drain();
  bool full = false;
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    if (tasks_[i].stage != Stage::fresh) continue;
    full = full || is_full();
    if (full) {
      tasks_[i].stage = Stage::left;
      continue;
    }
    Needs missing;
    want(tasks_[i], missing);
    if (!missing.empty()) return false;
    if (let_earlier_go(i)) continue;
    begin(i);
    drain();
    if (tasks_[i].stage == Stage::fresh) return false;
  }
  if (!stash_.empty() || !unmarked_.empty()) return false;
  settle_unmatched();
  return stash_.empty() && unmarked_.empty() && needs().empty();
}

void Batch::want(Task& task, Needs& needs) {
  want_keys(task.item.taken, needs);
  want_earlier(task, needs);
  const auto& mark = task.item.mark;
  if (task.item.look_first && mark && !marks_.contains(*mark)) needs.load.marks.push_back(*mark);
  if (std::holds_alternative<FindOrder>(task.item.order)) {
    want_event(task, needs);
  } else if (const auto* deliver = std::get_if<DeliverOrder>(&task.item.order)) {
    want_direct(*deliver, needs);
  } else if (const auto* timer = std::get_if<TimerOrder>(&task.item.order)) {
    want_instance(timer->instance, needs);
  } else if (const auto* call = std::get_if<CallOrder>(&task.item.order)) {
    want_instance({call->row.shard, call->row.id.instance}, needs);
  } else if (const auto* check = std::get_if<CallCheckOrder>(&task.item.order)) {
    want_instance({check->row.shard, check->row.id.instance}, needs);
  } else if (const auto* poisoned = std::get_if<PoisonOrder>(&task.item.order)) {
    want_instance(poisoned->instance, needs);
  } else if (const auto* again = std::get_if<RetryOrder>(&task.item.order)) {
    want_instance({again->row.shard, again->row.id.instance}, needs);
  }
}

void Batch::want_event(Task& task, Needs& needs) {
  auto& order = std::get<FindOrder>(task.item.order);
  if (!task.planned) {
    // It came through JSON, which knows fewer kinds than the declared type.
    if (task.item.outbox || task.item.parked_on)
      order.event = fit(*context_.definitions, order.event);
    if (task.item.parked_on && task.item.parked_on->slot == k_unknown_slot) {
      // It has not been looked at by the door: nobody knew its type.
      if (auto admitted = admit(*context_.definitions, order.event); !admitted)
        task.error = admitted.error();
    }
    task.plan = plan_search(*context_.definitions, order.event, now_);
    task.planned = true;
    if (task.plan.refusal && !task.error) task.error = task.plan.refusal;
    for (const Search& search : task.plan.searches) {
      for (const Search::Form& form : search.forms) {
        if (!form.exclusive || form.keys.size() != 1) continue;
        if (const auto holder = context_.cache->holder(form.keys[0])) {
          keys_.assume(form.keys[0], *holder);
        }
      }
    }
  }
  const Found found = resolve(task.plan, keys_);
  want_keys(found.unknown, needs);
  if (!found.unknown.empty() || found.live.size() > k_max_inline_hits) return;
  for (const ports::InstanceKey& hit : found.live) {
    const bool ours = hit.shard % context_.lanes == context_.lane || task.item.handed_over;
    if (ours || found.live.size() > 1) want_instance(hit, needs);
  }
}

void Batch::want_direct(const DeliverOrder& order, Needs& needs) {
  if (order.shard) {
    want_instance({*order.shard, order.to}, needs);
    return;
  }
  const auto place = places_.find(order.to);
  if (place == places_.end()) {
    // Most instances are roots, and a root names its own shard.
    const ports::InstanceKey guess{shard_of(order.to), order.to};
    if (want_instance(guess, needs)) return;
    if (absent_.contains(guess)) needs.locate.push_back(order.to);
  } else if (place->second && place->second->shard % context_.lanes == context_.lane) {
    want_instance(*place->second, needs);
  }
}

void Batch::want_keys(const std::vector<ports::BindingKey>& keys, Needs& needs) {
  for (const ports::BindingKey& key : keys) {
    if (!keys_.knows(key)) needs.load.bindings.push_back(key);
  }
}

// True when it is here; asks for it unless it is known to be nowhere.
bool Batch::want_instance(const ports::InstanceKey& key, Needs& needs) {
  if (doubted_.contains(key.id)) {
    needs.load.instances.push_back(key);
    return false;
  }
  if (const Work* work = find(key.id)) {
    if (is_to_be_asked_for(*work)) needs.definitions = true;
    return true;
  }
  if (absent_.contains(key)) return false;
  if (auto stored = context_.cache->take(key.id)) {
    add_cached(std::move(*stored));
    return true;
  }
  needs.load.instances.push_back(key);
  return false;
}

// What is written is compared with the store by the commit. What is *not* done because of a cached
// snapshot is compared by nobody: it is decided again by the row. True when the message waits.
bool Batch::doubts(const Work& work, const Message& message) {
  if (!is_doubtful(work)) return false;
  doubted_.insert(message.to.id);
  stash_[message.to.id].push_back(message);
  return true;
}

void Batch::add_row(const ports::InstanceRow& row) {
  const auto found = works_.find(row.id);
  if (found != works_.end()) {
    Work& work = found->second;
    if (!doubted_.contains(row.id) || work.changed || work.stored.etag == row.etag) return;
    work.stored.etag = row.etag;
    decode_row(work, row);
    return;
  }
  Stored stored;
  stored.key = {row.shard, row.id};
  stored.etag = row.etag;
  decode_row(add_work(std::move(stored)), row);
}

void Batch::decode_row(Work& work, const ports::InstanceRow& row) {
  machine::Snapshot& snapshot = work.stored.snapshot;
  read_columns(row, snapshot);
  work.was_ended = machine::is_ended(row.life);
  work.stored.data = row.data;
  work.stored.machine = context_.definitions->find(row.workflow, row.version);
  work.unreadable = true;
  work.unknown_version = work.stored.machine == nullptr;
  if (work.unknown_version) {
    const std::string what =
        row.workflow + " version " + std::to_string(row.version) + " of instance " + row.id.text();
    work.fault =
        Error{ErrorClass::unavailable, "unknown_version", "this process can't read " + what, {}};
    // One that is stored nowhere no process can read.
    if (is_to_be_asked_for(work)) return;
    if (context_.definitions->is_broken(row.workflow, row.version)) return;
    work.fault = Error{ErrorClass::unavailable,
                       "definition_missing",
                       what + " is not deployed any more: deploy its file again",
                       {}};
    work.raw = row;
    return;
  }
  auto decoded = machine::decode(*work.stored.machine, {row.input, row.data, row.rt}, snapshot);
  if (!decoded) {
    work.fault = decoded.error();
    work.raw = row;
    return;
  }
  work.unreadable = false;
  work.stored.tasks = task_rows(*work.stored.machine, snapshot, row.shard);
  work.due_before = machine::next_due(snapshot);
}

// A definition is stored before its first instance: what was read after the row was met has it, or
// nobody has. What was read before proves nothing.
bool Batch::is_to_be_asked_for(const Work& work) const {
  return work.unknown_version && !versions_asked_.contains(version_of(work));
}

Batch::Version Batch::version_of(const Work& work) {
  return {work.stored.snapshot.workflow, work.stored.snapshot.version};
}

Batch::Work& Batch::add_work(Stored stored) {
  const InstanceId id = stored.key.id;
  Work& work = works_[id];
  work.stored = std::move(stored);
  work.was_ended = work.stored.etag != 0 && machine::is_ended(work.stored.snapshot.life);
  if (work.stored.machine != nullptr) work.due_before = machine::next_due(work.stored.snapshot);
  work.node = parents_.size();
  parents_.push_back(work.node);
  absent_.erase(work.stored.key);
  return work;
}

Batch::Work& Batch::add_cached(Stored stored) {
  Work& work = add_work(std::move(stored));
  work.from_cache = true;
  return work;
}

Batch::Work* Batch::find(const InstanceId& id) {
  const auto found = works_.find(id);
  return found == works_.end() ? nullptr : &found->second;
}

void Batch::send(Message message) { queue_.push_back(std::move(message)); }

// Here, or known to be nowhere; and nothing is before it.
bool Batch::is_settled(const ports::InstanceKey& key) {
  if (awaiting_mark_.contains(key.id)) return false;
  if (absent_.contains(key)) return true;
  if (doubted_.contains(key.id)) return false;
  const Work* work = find(key.id);
  return work != nullptr && !is_to_be_asked_for(*work);
}

void Batch::drain() {
  while (!queue_.empty()) {
    Message message = std::move(queue_.front());
    queue_.pop_front();
    const InstanceId id = message.to.id;
    if (!std::holds_alternative<NewOrder>(message.what) && !is_settled(message.to)) {
      auto stored = find(id) == nullptr ? context_.cache->take(id) : std::nullopt;
      if (!stored) {
        stash_[id].push_back(std::move(message));
        continue;
      }
      add_cached(std::move(*stored));
    }
    process(std::move(message));
  }
}

void Batch::release_stash() {
  awaiting_mark_.clear();
  for (Message& message : std::exchange(unmarked_, {})) send(std::move(message));
  for (auto entry = stash_.begin(); entry != stash_.end();) {
    if (!is_settled(entry->second.front().to)) {
      ++entry;
      continue;
    }
    for (Message& message : entry->second) send(std::move(message));
    entry = stash_.erase(entry);
  }
}

std::vector<ports::InstanceKey> Batch::touched() const {
  std::vector<ports::InstanceKey> keys;
  for (const auto& [id, work] : works_) {
    if (work.changed && work.stored.etag != 0) keys.push_back(work.stored.key);
  }
  return keys;
}

bool Batch::is_full() const { return rows_ >= k_full_rows || bytes_ >= k_full_bytes; }

}  // namespace vozex::runtime

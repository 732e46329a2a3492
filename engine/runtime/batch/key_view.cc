// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/batch/key_view.h"

#include <algorithm>

namespace vozex::runtime {
namespace {

std::vector<Holder>::iterator find_holder(std::vector<Holder>& holders, const InstanceId& id) {
  return std::find_if(holders.begin(), holders.end(), [&id](const Holder& holder) {
    return holder.instance.id == id;
  });
}

}  // namespace

void KeyView::load(const std::vector<ports::BindingKey>& asked,
                   const std::vector<ports::BoundRow>& rows) {
  for (const ports::BindingKey& key : asked) {
    Entry& entry = entries_[key];
    if (entry.known) continue;
    entry.known = true;
  }
  for (const ports::BoundRow& row : rows) {
    Entry& entry = entries_[row.binding];
    entry.waiting = entry.waiting || row.waiting;
    const auto& changed = entry.changed;
    const bool ours = std::find(changed.begin(), changed.end(), row.instance.id) != changed.end();
    if (ours || find_holder(entry.holders, row.instance.id) != entry.holders.end()) continue;
    entry.holders.push_back({row.instance, row.ended});
  }
}

void KeyView::assume(const ports::BindingKey& key, const ports::InstanceKey& holder) {
  Entry& entry = entries_[key];
  if (entry.known) return;
  entry.known = true;
  if (find_holder(entry.holders, holder.id) == entry.holders.end()) {
    entry.holders.push_back({holder, false});
  }
}

bool KeyView::knows(const ports::BindingKey& key) const {
  const auto found = entries_.find(key);
  return found != entries_.end() && found->second.known;
}

const std::vector<Holder>& KeyView::holders(const ports::BindingKey& key) const {
  static const std::vector<Holder> none;
  const auto found = entries_.find(key);
  return found == entries_.end() ? none : found->second.holders;
}

bool KeyView::is_waited_on(const ports::BindingKey& key) const {
  const auto found = entries_.find(key);
  return found != entries_.end() && found->second.waiting;
}

void KeyView::note(Entry& entry, const InstanceId& instance) {
  if (std::find(entry.changed.begin(), entry.changed.end(), instance) == entry.changed.end()) {
    entry.changed.push_back(instance);
  }
}

void KeyView::bind(const ports::BindingKey& key, const ports::InstanceKey& instance) {
  Entry& entry = entries_[key];
  note(entry, instance.id);
  if (find_holder(entry.holders, instance.id) == entry.holders.end()) {
    entry.holders.push_back({instance, false});
  }
}

void KeyView::release(const ports::BindingKey& key, const ports::InstanceKey& instance) {
  Entry& entry = entries_[key];
  note(entry, instance.id);
  const auto holder = find_holder(entry.holders, instance.id);
  if (holder != entry.holders.end()) entry.holders.erase(holder);
}

void KeyView::end(const ports::BindingKey& key, const ports::InstanceKey& instance) {
  Entry& entry = entries_[key];
  note(entry, instance.id);
  const auto holder = find_holder(entry.holders, instance.id);
  if (holder != entry.holders.end()) holder->ended = true;
}

const std::vector<InstanceId>& KeyView::changers(const ports::BindingKey& key) const {
  static const std::vector<InstanceId> none;
  const auto found = entries_.find(key);
  return found == entries_.end() ? none : found->second.changed;
}

}  // namespace vozex::runtime

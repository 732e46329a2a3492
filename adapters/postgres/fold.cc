// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/fold.h"

#include <map>

namespace vozex::postgres {
namespace {

using ports::BindingOp;
using ports::BindingWrite;
using ports::InstanceKey;

// One key during a group.
struct KeyState {
  std::map<InstanceKey, bool>
      given_up;           // by holders from before the group; value: released, not just ended
  bool taken = false;     // in this group
  bool reusable = false;  // as its first taker in this group said
  InstanceId gives;
  std::optional<InstanceKey> holder;  // once taken
  bool ended = false;
};

bool take(KeyState& state, const BindingWrite& write) {
  if (state.taken) {
    if (state.holder && !(state.ended && write.reusable)) return false;
  } else {
    state.taken = true;
    state.reusable = write.reusable;
    for (const auto& [holder, released] : state.given_up) {
      if (released || write.reusable) state.gives = holder.id;
    }
  }
  state.holder = write.instance;
  state.ended = false;
  return true;
}

void give_up(KeyState& state, const BindingWrite& write) {
  const bool released = write.op == BindingOp::release;
  if (!state.taken) {
    state.given_up[write.instance] |= released;
  } else if (state.holder == write.instance) {
    state.ended = true;
    if (released) state.holder.reset();
  }
}

void emit(const ports::BindingKey& key, const KeyState& state, std::vector<FoldedBinding>& out) {
  for (const auto& [holder, released] : state.given_up) {
    out.push_back(
        {released ? FoldedOp::release_key : FoldedOp::end_key, key, false, holder, {}, {}});
  }
  if (!state.taken) return;
  FoldedBinding folded{FoldedOp::look, key, false, {}, state.gives, {}};
  if (state.holder) {
    folded.op = state.reusable ? FoldedOp::take_reusable : FoldedOp::take;
    folded.holder = *state.holder;
    folded.live = !state.ended;
  }
  out.push_back(std::move(folded));
}

FoldedBinding alias_write(const BindingWrite& write, bool added_before) {
  FoldedBinding folded{FoldedOp::add_alias, write.binding, true, write.instance, {}, {}};
  if (write.op == BindingOp::release) folded.op = FoldedOp::release_alias;
  if (write.op == BindingOp::end) {
    folded.live = false;
    // Added and ended in one group: it is added as ended.
    if (!added_before) folded.op = FoldedOp::end_alias;
  }
  return folded;
}

}  // namespace

Bytes16 id_of(const ports::BindingKey& key) { return digest128({key.tenant, key.slot, key.key}); }

bool is_alias(const ports::BindingKey& key) { return key.slot.find('#') != std::string::npos; }

FoldedGroup fold(const ports::Group& group) {
  FoldedGroup folded;
  std::map<ports::BindingKey, KeyState> keys;
  std::map<std::pair<ports::BindingKey, InstanceKey>, FoldedBinding> aliases;
  for (const BindingWrite& write : group.bindings) {
    const bool alias = write.op == BindingOp::add_alias ||
                       (write.op != BindingOp::take_key && is_alias(write.binding));
    if (alias) {
      FoldedBinding& last = aliases[{write.binding, write.instance}];
      last = alias_write(write, last.op == FoldedOp::add_alias);
    } else if (write.op != BindingOp::take_key) {
      give_up(keys[write.binding], write);
    } else if (!take(keys[write.binding], write) && !folded.taken) {
      folded.taken = write.binding;
    }
  }
  for (const auto& [key, state] : keys) emit(key, state, folded.bindings);
  for (auto& [key, alias] : aliases) folded.bindings.push_back(std::move(alias));
  for (const ports::ParkWrite& park : group.parks) {
    std::map<ports::BindingKey, bool> once;
    for (const ports::BindingKey& key : park.keys) {
      if (!once.emplace(key, true).second) continue;
      folded.bindings.push_back({FoldedOp::wait, key, false, {}, {}, park.mark});
    }
  }
  return folded;
}

}  // namespace vozex::postgres

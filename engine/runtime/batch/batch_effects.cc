// SPDX-License-Identifier: Apache-2.0
//
// What a step decided, as rows to write and messages to pass on.
#include <algorithm>
#include <utility>

#include "engine/base/planted.h"
#include "engine/runtime/batch/batch.h"
#include "engine/runtime/calls/call_policy.h"

namespace vozex::runtime {

using machine::Event;

struct Batch::EffectVisitor {
  Batch& batch;
  Work& work;
  std::size_t task;

  const machine::Snapshot& snapshot() const { return work.stored.snapshot; }

  Event message(std::string name, const std::string& suffix) const {
    Event event;
    event.id = std::to_string(snapshot().seq) + "/" + suffix;
    event.source = "instance:" + snapshot().id.text();
    event.name = std::move(name);
    event.time = snapshot().at;
    event.tenant = snapshot().tenant;
    event.causation = snapshot().causation;
    return event;
  }

  void operator()(const machine::StartCall& call) const {
    ports::CallRow row;
    row.id = call.id;
    row.shard = work.stored.key.shard;
    row.tenant = snapshot().tenant;
    row.adapter = call.operation->adapter;
    row.attempt = 1;
    row.next_at = batch.now_;
    row.decided_at = snapshot().at;
    row.request = request_text(call, snapshot());
    const bool joined = !batch.context_.session.is_nil();
    const bool room = joined && batch.context_.gate->reserve(row.adapter);
    row.state = room ? ports::CallState::leased : ports::CallState::waiting;
    if (room) {
      row.owner = batch.context_.session;
      if (auto spec = spec_of(call, snapshot())) work.specs.emplace(call.id, *std::move(spec));
    }
    ++batch.rows_;
    batch.bytes_ += row.request.size();
    work.calls.push_back({ports::CallOp::insert, std::move(row), {}, 0});
  }

  void operator()(const machine::CancelCall& cancel) const {
    const auto decided_here = std::find_if(
        work.calls.begin(), work.calls.end(), [&](const auto& w) { return w.row.id == cancel.id; });
    if (decided_here == work.calls.end()) {
      work.withdrawn.push_back(cancel.id);
      return;
    }
    if (decided_here->row.state == ports::CallState::leased) {
      batch.context_.gate->release(decided_here->row.adapter);
    }
    work.calls.erase(decided_here);
    Event event = message("call", "");
    event.id = cancel.id.text() + "#0";  // never leased
    event.source = "call";
    event.cause = machine::CallEnded{cancel.id, false, {}, withdrawn_error()};
    batch.tell(work, task, snapshot().id, std::move(event));
  }

  void operator()(const machine::StartChild& start) const {
    NewOrder order{start.child,
                   snapshot().root,
                   machine::ParentRef{snapshot().id, start.of, start.depth, start.room},
                   snapshot().tenant,
                   start.workflow,
                   start.input,
                   start.causation};
    if (batch.rows_ >= k_overflow_rows) {
      batch.post_out(work, std::move(order), std::nullopt);
      return;
    }
    batch.send({{work.stored.key.shard, start.child},
                task,
                false,
                false,
                std::move(order),
                snapshot().id});
  }

  void operator()(const machine::CancelChild& cancel) const {
    batch.tell(work, task, cancel.child, message("cancel", "cancel/" + cancel.child.text()));
  }

  void operator()(const machine::Emit& emit) const {
    Event event = message(emit.event, std::to_string(emit.index));
    event.data = emit.data;
    event.causation = emit.causation;
    batch.post_out(work, FindOrder{std::move(event)}, emit.index);
  }

  void operator()(const machine::Reply& reply) const {
    if (!snapshot().parent) return;
    Event event = message("child", "reply");
    event.cause = machine::ChildEnded{
        snapshot().parent->of, snapshot().id, reply.ok, reply.final, reply.result, reply.error};
    if (VOZEX_PLANTED(reply_twice)) batch.tell(work, task, snapshot().parent->instance, event);
    batch.tell(work, task, snapshot().parent->instance, std::move(event));
  }

  void operator()(const machine::StartInstance& start) const {
    NewOrder order{start.instance,
                   start.instance,
                   std::nullopt,
                   snapshot().tenant,
                   start.workflow,
                   start.input,
                   start.causation};
    batch.post_out(work, std::move(order), start.index);
  }

  void operator()(const machine::SendTo& sent) const {
    Event event = message(sent.event, std::to_string(sent.index));
    event.data = sent.data;
    event.causation = sent.causation;
    batch.tell(work, task, sent.to, std::move(event));
  }

  void operator()(const machine::LogLine& line) const {
    batch.note(LogNote::Level::info, work, line.text);
  }

  void operator()(const machine::RaiseIncident& raised) const {
    const auto& incident = raised.incident;
    batch.note(LogNote::Level::warning, work, incident.code + ": " + incident.message);
  }

  void operator()(const machine::BindKey& bind) const {
    const auto op = bind.alias.empty() ? ports::BindingOp::take_key : ports::BindingOp::add_alias;
    const auto& s = snapshot();
    batch.bind(work, binding_of(s.tenant, s.workflow, bind.alias, bind.value), op);
  }

  void operator()(const machine::UnbindKey& unbind) const {
    const auto& s = snapshot();
    const bool ended = machine::is_ended(s.life);
    batch.bind(work,
               binding_of(s.tenant, s.workflow, unbind.alias, unbind.value),
               ended ? ports::BindingOp::end : ports::BindingOp::release);
  }
};

void Batch::apply(Work& work,
                  std::size_t task,
                  bool had_ended,
                  const std::vector<machine::Effect>& effects) {
  const EffectVisitor visitor{*this, work, task};
  for (const machine::Effect& effect : effects) std::visit(visitor, effect);
  if (!had_ended && machine::is_ended(work.stored.snapshot.life)) end_bindings(work);
}

// Keys of an ended instance stay, marked: events learn that it has ended.
void Batch::end_bindings(Work& work) {
  const machine::Snapshot& snapshot = work.stored.snapshot;
  const auto end = [&](const ports::BindingKey& key) {
    const auto done = work.bindings.find(key);
    const bool told = done != work.bindings.end() && !done->second.empty() &&
                      done->second.back().op == ports::BindingOp::end;
    if (!told) bind(work, key, ports::BindingOp::end);
  };
  end(binding_of(snapshot.tenant, snapshot.workflow, "", snapshot.key));
  for (const std::string& alias : snapshot.keys) {
    const std::size_t equals = alias.find('=');
    if (equals == std::string::npos) continue;
    end(binding_of(
        snapshot.tenant, snapshot.workflow, alias.substr(0, equals), alias.substr(equals + 1)));
  }
}

void Batch::bind(Work& work, const ports::BindingKey& key, ports::BindingOp op) {
  using ports::BindingOp;
  auto& steps = work.bindings[key];
  const bool takes = op == BindingOp::take_key || op == BindingOp::add_alias;
  const bool took = !steps.empty() && (steps.back().op == BindingOp::take_key ||
                                       steps.back().op == BindingOp::add_alias);
  const bool released = !steps.empty() && steps.back().op == BindingOp::release;
  if ((op == BindingOp::release && took) || (takes && released)) {
    steps.pop_back();  // taken and given back, or the other way round: nothing to write
  } else {
    steps.push_back({binding_steps_++, op});
    ++rows_;
  }
  if (takes) {
    keys_.bind(key, work.stored.key);
  } else if (op == BindingOp::end) {
    keys_.end(key, work.stored.key);
  } else {
    keys_.release(key, work.stored.key);
  }
}

// A message to an instance of the same tree, in this batch when it still fits.
void Batch::tell(Work& from, std::size_t task, const InstanceId& to, Event event) {
  const Shard shard = from.stored.key.shard;
  if (rows_ >= k_overflow_rows && to != from.stored.key.id) {
    post_out(from, DeliverOrder{to, shard, std::move(event)}, std::nullopt);
    return;
  }
  send({{shard, to}, task, false, false, std::move(event), from.stored.key.id});
}

void Batch::post_out(Work& from, Item::Order order, std::optional<std::uint16_t> index) {
  ports::OutboxRow row;
  row.shard = from.stored.key.shard;
  row.from = from.stored.key.id;
  row.seq = from.stored.snapshot.seq;
  row.index = index.value_or(from.own_index);
  if (!index) ++from.own_index;
  row.owner = context_.session;
  row.event = outbox_text(order);
  ++rows_;
  bytes_ += row.event.size();
  from.outbox.emplace_back(std::move(row), std::move(order));
}

void Batch::note(LogNote::Level level, const Work& work, std::string text) {
  const machine::Snapshot& snapshot = work.stored.snapshot;
  notes_.push_back({level, std::move(text), work.stored.key.id, snapshot.workflow, snapshot.key});
}

}  // namespace vozex::runtime

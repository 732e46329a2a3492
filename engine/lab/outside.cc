// SPDX-License-Identifier: Apache-2.0
//
// The outside of a scenario's world: what effects lead to. Calls are answered by mocks, with the
// declared retries and without jitter; children are mocked or real.
#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/lab/world.h"

namespace vozex::lab {
namespace {

using machine::CallEnded;
using machine::ChildEnded;
using machine::ErrorInfo;
using machine::Event;
using types::Value;

Event event_of(std::string name, machine::Cause cause) {
  Event event;
  event.id = name;
  event.source = name;
  event.name = std::move(name);
  event.tenant = "default";
  event.cause = std::move(cause);
  return event;
}

std::string operation_name(const machine::OperationRef& operation) {
  return operation != nullptr ? operation->adapter + "." + operation->name : "";
}

// Before attempt `next`, which counts from 2.
Duration backoff(const machine::RetryPolicy& retry, std::uint16_t next) {
  const double wanted =
      static_cast<double>(retry.backoff.count()) * std::pow(retry.factor, next - 2);
  const double most = static_cast<double>(retry.max.count());
  return Duration{static_cast<std::int64_t>(std::min(wanted, most))};
}

}  // namespace

bool is_retryable(const Mock& mock) {
  if (mock.retryable) return *mock.retryable;
  const std::string& code = mock.error.code;
  return code == "timeout" || code == "unavailable" || code == "rate_limited";
}

const Mock* World::next_mock(const std::string& name, const char* what) {
  const auto found = setup_.mocks.find(name);
  if (found == setup_.mocks.end() || found->second.empty()) {
    problem(std::string(what) + " " + name + " has no mock: add `mocks: {" + name +
            ": [{return: ...}]}`" +
            (std::string_view(what) == "child" ? ", or name it in `with_real`" : ""));
    return nullptr;
  }
  const std::size_t at = std::min(mock_at_[name]++, found->second.size() - 1);
  return &found->second[at];
}

void World::carry_out(Inhabitant& instance, const machine::Effect& effect) {
  if (const auto* call = std::get_if<machine::StartCall>(&effect)) {
    open_calls_[call->id] = OpenCall{*call, instance.snapshot.id, 0, now_, false};
    Due due;
    due.at = now_;
    due.what = Due::What::attempt;
    due.call = call->id;
    schedule(std::move(due));
  } else if (const auto* withdrawn = std::get_if<machine::CancelCall>(&effect)) {
    cancel_call(withdrawn->id);
  } else if (const auto* child = std::get_if<machine::StartChild>(&effect)) {
    start_child(instance, *child);
  } else if (const auto* cancelled = std::get_if<machine::CancelChild>(&effect)) {
    cancel_child(cancelled->child);
  } else if (const auto* emit = std::get_if<machine::Emit>(&effect)) {
    emitted_.push_back({emit->event, emit->data});
    Event event;
    event.id = std::to_string(instance.snapshot.seq) + "/" + std::to_string(emit->index);
    event.source = "instance:" + instance.snapshot.id.text();
    event.name = emit->event;
    event.time = now_;
    event.data = emit->data;
    event.tenant = "default";
    event.causation = emit->causation;
    messages_.push_back({InstanceId{}, std::move(event)});
  } else if (const auto* answer_effect = std::get_if<machine::Reply>(&effect)) {
    reply(instance, *answer_effect);
  } else if (const auto* start_effect = std::get_if<machine::StartInstance>(&effect)) {
    record(start_effect->workflow, start_effect->input);
    const machine::MachineRef machine = newest(start_effect->workflow);
    if (machine == nullptr || !setup_.real.contains(start_effect->workflow)) return;
    StartRequest request;
    request.id = start_effect->instance;
    request.root = request.id;
    request.tenant = "default";
    request.input = start_effect->input;
    request.causation = start_effect->causation;
    std::string refusal;
    if (add(machine, request, refusal) == nullptr)
      problem("start " + start_effect->workflow + ": " + refusal);
  } else if (const auto* send = std::get_if<machine::SendTo>(&effect)) {
    Event event;
    event.id = std::to_string(instance.snapshot.seq) + "/" + std::to_string(send->index);
    event.source = "instance:" + instance.snapshot.id.text();
    event.name = send->event;
    event.time = now_;
    event.data = send->data;
    event.causation = send->causation;
    event.tenant = "default";
    messages_.push_back({send->to, std::move(event)});
  }
}

void World::attempt(const CallId& id) {
  const auto found = open_calls_.find(id);
  if (found == open_calls_.end()) return;
  OpenCall& open = found->second;
  ++open.attempt;
  const std::string name = operation_name(open.call.operation);
  record(name, open.call.input);
  if (const Mock* mock = next_mock(name, "call")) {
    open.sent = true;
    answer(open, *mock);
  }
}

void World::answer(OpenCall& open, const Mock& mock) {
  switch (mock.kind) {
    case MockKind::never: return;
    case MockKind::returns: {
      CallEnded ended;
      ended.ok = true;
      ended.result = mock.result;
      end_call(open, std::move(ended), mock.after);
      return;
    }
    case MockKind::error: retry_or_fail(open, mock.error, is_retryable(mock), mock.after); return;
    case MockKind::unknown: break;
  }
  const machine::OperationDecl& operation = *open.call.operation;
  ErrorInfo unknown;
  unknown.code = "outcome_unknown";
  unknown.message = "it is not known whether " + operation_name(open.call.operation) + " was done";
  if (operation.ask.empty()) {
    retry_or_fail(open, unknown, operation.repeat != machine::Repeat::never, mock.after);
    return;
  }
  record(operation.adapter + "." + operation.ask, open.call.input);
  if (mock.asked == Asked::happened) {
    CallEnded ended;
    ended.ok = true;
    ended.result = mock.result;
    end_call(open, std::move(ended), mock.after);
    return;
  }
  retry_or_fail(open, unknown, mock.asked == Asked::not_happened, mock.after);
}

void World::retry_or_fail(OpenCall& open, const ErrorInfo& error, bool retryable, Duration after) {
  const machine::RetryPolicy& retry = open.call.retry;
  const auto next = static_cast<std::uint16_t>(open.attempt + 1);
  const Timestamp again = now_ + after + backoff(retry, next);
  const bool in_time = !retry.deadline || again - open.decided <= *retry.deadline;
  if (retryable && next <= retry.attempts && in_time) {
    open.sent = false;
    Due due;
    due.at = again;
    due.what = Due::What::attempt;
    due.call = open.call.id;
    schedule(std::move(due));
    return;
  }
  CallEnded ended;
  ended.error = error;
  ended.error.retryable = retryable;
  ended.error.attempts = open.attempt;
  end_call(open, std::move(ended), after);
}

void World::end_call(const OpenCall& open, CallEnded ended, Duration after) {
  ended.call = open.call.id;
  Due due;
  due.at = now_ + after;
  due.what = Due::What::answer;
  due.call = open.call.id;
  due.message = {open.instance, event_of("call", std::move(ended))};
  schedule(std::move(due));
}

// Not on its way, or never answered: withdrawn. Else its end comes when it comes.
void World::cancel_call(const CallId& id) {
  const auto found = open_calls_.find(id);
  if (found == open_calls_.end()) return;
  const bool answer_comes = std::any_of(agenda_.begin(), agenda_.end(), [&](const Due& due) {
    return due.what == Due::What::answer && due.call == id;
  });
  if (answer_comes) return;
  std::erase_if(agenda_,
                [&](const Due& due) { return due.what == Due::What::attempt && due.call == id; });
  CallEnded ended;
  ended.error.code = "withdrawn";
  ended.error.message = "withdrawn before it was sent";
  end_call(found->second, std::move(ended), Duration{0});
}

void World::start_child(Inhabitant& parent, const machine::StartChild& start) {
  record(start.workflow, start.input);
  ChildEnded ended;
  ended.of = start.of;
  ended.child = start.child;
  ended.final = true;
  Duration after{0};
  const InstanceId parent_id = parent.snapshot.id;
  const machine::MachineRef machine = newest(start.workflow);
  const bool real = setup_.real.contains(start.workflow) && machine != nullptr;
  if (real) {
    StartRequest request;
    request.id = start.child;
    request.root = parent.snapshot.root;
    request.parent = machine::ParentRef{parent_id, start.of, start.depth, start.room};
    request.tenant = "default";
    request.input = start.input;
    request.causation = start.causation;
    std::string refusal;
    if (add(machine, request, refusal) != nullptr) return;
    ended.error.code = refusal.substr(0, refusal.find(':'));
    ended.error.message = refusal;
  } else {
    const Mock* mock = next_mock(start.workflow, "child");
    if (mock == nullptr || mock->kind == MockKind::never) return;
    ended.ok = mock->kind == MockKind::returns;
    ended.final = !ended.ok;
    ended.result = mock->result;
    ended.error = mock->error;
    if (mock->kind == MockKind::unknown) ended.error.code = "outcome_unknown";
    after = mock->after;
  }
  Due due;
  due.at = now_ + after;
  due.what = Due::What::child;
  due.child = start.child;
  due.message = {parent_id, event_of("child", std::move(ended))};
  schedule(std::move(due));
}

void World::cancel_child(const InstanceId& child) {
  std::erase_if(agenda_,
                [&](const Due& due) { return due.what == Due::What::child && due.child == child; });
  if (find(child) == nullptr) return;
  Event event;
  event.id = "cancel";
  event.source = "parent";
  event.name = "cancel";
  event.time = now_;
  event.data = Value::map({});
  event.tenant = "default";
  messages_.push_back({child, std::move(event)});
}

void World::reply(Inhabitant& instance, const machine::Reply& reply) {
  if (!instance.reply) instance.reply = reply;
  if (!instance.snapshot.parent) return;
  ChildEnded ended;
  ended.of = instance.snapshot.parent->of;
  ended.child = instance.snapshot.id;
  ended.ok = reply.ok;
  ended.final = reply.final;
  ended.result = reply.result;
  ended.error = reply.error;
  Event event = event_of("child", std::move(ended));
  event.causation = instance.snapshot.causation;
  messages_.push_back({instance.snapshot.parent->instance, std::move(event)});
}

}  // namespace vozex::lab

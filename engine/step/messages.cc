// SPDX-License-Identifier: Apache-2.0
//
// Actions that leave the instance: replies, events, starts, sends; and the delayed ones to itself.
#include <utility>

#include "engine/step/causation.h"
#include "engine/step/execute.h"
#include "engine/step/invokes.h"
#include "engine/step/kept.h"
#include "engine/step/timers.h"

namespace vozex::stepping {
namespace {

using machine::Action;
using machine::SendTarget;

// The data of an event that this machine declares must fit the declaration.
tl::expected<Value, expr::EvalError> event_data(Run& run, const Action& action) {
  auto data = value_of(run, action.value);
  if (!data) return data;
  if (data->is_null()) data = Value::map({});
  const machine::EventDecl* decl = run.machine.find_event(action.name);
  return conform(*std::move(data), decl != nullptr ? decl->data.get() : nullptr);
}

Executed send_to(Run& run, const InstanceId& to, const std::string& event, const Value& data) {
  auto causation = next_turn(run, "send " + event);
  if (!causation) return tl::unexpected(causation.error());
  add_effect(run, machine::SendTo{next_message_index(run), to, event, data, *causation});
  return {};
}

Executed send_to_children(Run& run, const Action& action, const Value& data) {
  bool any = false;
  for (const machine::Invocation& invocation : run.next.invocations) {
    if (invocation.state == machine::k_no_state || invocation.invoke != action.child) continue;
    for (const machine::InvokedItem& item : invocation.items) {
      if (!item.child) continue;
      any = true;
      Executed sent = send_to(run, *item.child, action.name, data);
      if (!sent) return sent;
    }
  }
  if (!any)
    return failed("no_such_receiver",
                  "send " + action.name + ": no child of `" + action.child + "` was started");
  return {};
}

// To itself: a timer that carries an event, also without delay, so that it comes after this step.
Executed send_to_self(Run& run, const Action& action, Value data) {
  Duration delay{0};
  if (action.delay != nullptr) {
    auto value = value_of(run, action.delay);
    if (!value) return tl::unexpected(value.error());
    if (value->kind() != types::Kind::duration)
      return failed("no_such_overload", "delay wants a duration");
    delay = value->to_duration();
  }
  if (delay < Duration{0}) delay = Duration{0};
  if (run.next.sends.size() >= machine::k_max_deferred) {
    return failed("out_of_range",
                  "more than " + std::to_string(machine::k_max_deferred) + " delayed sends");
  }
  if (!has_room_for(run, data)) {
    return failed("out_of_range",
                  "more than " + std::to_string(k_max_kept_bytes) + " bytes would wait");
  }
  machine::PendingSend send;
  send.id = action.id;
  send.event = action.name;
  send.data = std::move(data);
  send.entry = run.next.seq;
  send.due = later(run.now, delay);
  run.draft.sends().push_back(std::move(send));
  return {};
}

}  // namespace

Executed execute_reply(Run& run, const Action& action) {
  if (run.next.replied) return {};
  machine::Reply reply;
  if (action.error != nullptr) {
    auto error = value_of(run, action.error);
    if (!error) return tl::unexpected(error.error());
    reply.ok = false;
    reply.error.code = std::string(error->text_at("code"));
    reply.error.message = std::string(error->text_at("message"));
    if (const Value* details = error->find("details")) reply.error.details = *details;
    if (reply.error.code.empty()) reply.error.code = "failed";
  } else {
    auto value = value_of(run, action.value);
    if (!value) return tl::unexpected(value.error());
    auto fitting = conform(*std::move(value), run.machine.output.get());
    if (!fitting) return failed(fitting.error().code, "reply: " + fitting.error().message);
    reply.result = *std::move(fitting);
  }
  run.draft.set_replied();
  add_effect(run, std::move(reply));
  return {};
}

Executed execute_emit(Run& run, const Action& action) {
  auto data = event_data(run, action);
  if (!data) return tl::unexpected(data.error());
  auto causation = cause_outside(run, "emit " + action.name);
  if (!causation) return tl::unexpected(causation.error());
  add_effect(run,
             machine::Emit{next_message_index(run), action.name, *std::move(data), *causation});
  return {};
}

Executed execute_raise(Run& run, const Action& action) {
  auto data = value_of(run, action.value);
  if (!data) return tl::unexpected(data.error());
  Occurrence occurrence;
  occurrence.name = action.name;
  occurrence.data = data->is_null() ? Value::map({}) : *std::move(data);
  raise(run, std::move(occurrence));
  return {};
}

Executed execute_start(Run& run, const Action& action) {
  auto input = value_of(run, action.value);
  if (!input) return tl::unexpected(input.error());
  auto causation = cause_outside(run, "start " + action.name);
  if (!causation) return tl::unexpected(causation.error());
  machine::StartInstance effect;
  effect.causation = *causation;
  effect.index = next_message_index(run);
  const std::string parent = run.next.id.text();
  const std::string number = std::to_string(run.next.seq) + "/" + std::to_string(effect.index);
  effect.instance = InstanceId{digest128({"start", parent, number})};
  effect.workflow = action.name;
  effect.input = *std::move(input);
  add_effect(run, std::move(effect));
  return {};
}

Executed execute_send(Run& run, const Action& action) {
  auto data = value_of(run, action.value);
  if (!data) return tl::unexpected(data.error());
  if (data->is_null()) data = Value::map({});
  switch (action.target) {
    case SendTarget::self: return send_to_self(run, action, *std::move(data));
    case SendTarget::parent:
      if (!run.next.parent)
        return failed("no_such_receiver", "send " + action.name + ": nobody invoked this instance");
      return send_to(run, run.next.parent->instance, action.name, *data);
    case SendTarget::child: return send_to_children(run, action, *data);
  }
  return {};
}

Executed execute_cancel(Run& run, const Action& action) {
  std::erase_if(run.draft.sends(),
                [&](const machine::PendingSend& send) { return send.id == action.name; });
  return {};
}

}  // namespace vozex::stepping

// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/items/messages.h"

#include <array>

#include "engine/machine/codec.h"
#include "engine/machine/stored_json.h"
#include "engine/types/json.h"

namespace vozex::runtime {
namespace {

using types::Value;

Value text(const std::string& value) { return Value::string(value); }

Value number(std::uint64_t value) { return Value::integer(static_cast<std::int64_t>(value)); }

std::int64_t integer_at(const Value& map, std::string_view name, std::int64_t otherwise = 0) {
  const Value* value = map.find(name);
  if (value == nullptr || value->kind() != types::Kind::integer) return otherwise;
  return value->as_integer();
}

InstanceId instance_at(const Value& map, std::string_view name) {
  return InstanceId::parse(map.text_at(name)).value_or(InstanceId{});
}

Value of_value(const machine::InvocationRef& of) {
  return Value::object(
      {{"invoke", text(of.invoke)}, {"entry", number(of.entry)}, {"item", number(of.item)}});
}

machine::InvocationRef of_from(const Value& value) {
  return {std::string(value.text_at("invoke")),
          static_cast<std::uint32_t>(integer_at(value, "entry")),
          static_cast<std::uint32_t>(integer_at(value, "item"))};
}

constexpr std::array k_dispositions = {machine::Disposition::transitioned,
                                       machine::Disposition::created,
                                       machine::Disposition::deferred,
                                       machine::Disposition::waiting,
                                       machine::Disposition::ignored,
                                       machine::Disposition::duplicate,
                                       machine::Disposition::rejected,
                                       machine::Disposition::stale,
                                       machine::Disposition::queued,
                                       machine::Disposition::ended,
                                       machine::Disposition::incident};

machine::Disposition disposition_from(std::string_view word) {
  for (const machine::Disposition disposition : k_dispositions) {
    if (word == machine::to_string(disposition)) return disposition;
  }
  return machine::Disposition::ignored;
}

Delivery delivery_from(const Value& value) {
  Delivery delivery;
  delivery.instance = instance_at(value, "instance");
  delivery.workflow = value.text_at("workflow");
  delivery.key = value.text_at("key");
  delivery.disposition = disposition_from(value.text_at("outcome"));
  delivery.from = value.text_at("from");
  delivery.to = value.text_at("to");
  delivery.seq = static_cast<std::uint32_t>(integer_at(value, "seq"));
  delivery.note = value.text_at("note");
  return delivery;
}

Value outbox_value(const Item::Order& order) {
  if (const auto* find = std::get_if<FindOrder>(&order)) {
    return Value::object({{"kind", text("find")}, {"event", machine::encode_event(find->event)}});
  }
  if (const auto* deliver = std::get_if<DeliverOrder>(&order)) {
    return Value::object({{"kind", text("deliver")},
                          {"to", text(deliver->to.text())},
                          {"shard", number(deliver->shard.value_or(shard_of(deliver->to)))},
                          {"event", machine::encode_event(deliver->event)}});
  }
  const auto& start = std::get<NewOrder>(order);
  Value value = Value::object({{"kind", text("new")},
                               {"id", text(start.id.text())},
                               {"root", text(start.root.text())},
                               {"tenant", text(start.tenant)},
                               {"workflow", text(start.workflow)},
                               {"input", start.input}});
  if (!start.parent) return value;
  return value.with("parent",
                    Value::object({{"instance", text(start.parent->instance.text())},
                                   {"of", of_value(start.parent->of)}}));
}

Result<Item::Order> order_from(const Value& value) {
  const std::string_view kind = value.text_at("kind");
  if (kind == "new") {
    const Value* input = value.find("input");
    NewOrder start{instance_at(value, "id"),
                   instance_at(value, "root"),
                   std::nullopt,
                   std::string(value.text_at("tenant")),
                   std::string(value.text_at("workflow")),
                   input != nullptr ? *input : Value()};
    if (const Value* parent = value.find("parent")) {
      const Value* of = parent->find("of");
      start.parent = machine::ParentRef{instance_at(*parent, "instance"),
                                        of != nullptr ? of_from(*of) : machine::InvocationRef{}};
    }
    return Item::Order{std::move(start)};
  }
  const Value* stored = value.find("event");
  auto event = machine::decode_event(stored != nullptr ? *stored : Value());
  if (!event) return Failure(event.error());
  if (kind == "find") return Item::Order{FindOrder{std::move(*event)}};
  return Item::Order{DeliverOrder{
      instance_at(value, "to"), static_cast<Shard>(integer_at(value, "shard")), std::move(*event)}};
}

std::string tenant_of(const Item::Order& order) {
  if (const auto* find = std::get_if<FindOrder>(&order)) return find->event.tenant;
  if (const auto* deliver = std::get_if<DeliverOrder>(&order)) return deliver->event.tenant;
  return std::get<NewOrder>(order).tenant;
}

}  // namespace

types::Value to_value(const EventAnswer& answer) {
  Value::List deliveries;
  for (const Delivery& delivery : answer.deliveries) {
    deliveries.push_back(Value::object({{"instance", text(delivery.instance.text())},
                                        {"workflow", text(delivery.workflow)},
                                        {"key", text(delivery.key)},
                                        {"outcome", text(machine::to_string(delivery.disposition))},
                                        {"from", text(delivery.from)},
                                        {"to", text(delivery.to)},
                                        {"seq", number(delivery.seq)},
                                        {"note", text(delivery.note)}}));
  }
  return Value::object({{"id", text(answer.id)},
                        {"outcome", text(machine::to_string(answer.disposition))},
                        {"deliveries", Value::list(std::move(deliveries))}});
}

std::string answer_text(const EventAnswer& answer, const std::string& fingerprint) {
  const Value value = to_value(answer);
  if (fingerprint.empty()) return types::to_json(value);
  return types::to_json(value.with("fingerprint", text(fingerprint)));
}

std::string fingerprint_of(const ports::MarkRow& first) {
  const auto value = types::parse_json(first.answer);
  return value ? std::string(value->text_at("fingerprint")) : std::string();
}

EventAnswer first_answer(const ports::MarkRow& first, const std::string& event_id) {
  EventAnswer answer{event_id, machine::Disposition::duplicate, {}};
  const auto value = machine::parse_stored(first.answer);
  if (!value) return answer;
  if (const Value* deliveries = value->find("deliveries");
      deliveries != nullptr && deliveries->is_list()) {
    for (const Value& delivery : deliveries->as_list()) {
      answer.deliveries.push_back(delivery_from(delivery));
    }
  }
  return answer;
}

machine::Disposition overall(const std::vector<Delivery>& deliveries) {
  if (deliveries.empty()) return machine::Disposition::ignored;
  for (const machine::Disposition strongest :
       {machine::Disposition::created, machine::Disposition::transitioned}) {
    for (const Delivery& delivery : deliveries) {
      if (delivery.disposition == strongest) return strongest;
    }
  }
  return deliveries.front().disposition;
}

std::string outbox_text(const Item::Order& order) { return types::to_json(outbox_value(order)); }

MarkId outbox_mark(const std::string& tenant, const ports::OutboxRow& row) {
  return mark_of(tenant,
                 "instance:" + row.from.text(),
                 std::to_string(row.seq) + "/" + std::to_string(row.index));
}

Result<Item> item_of(const ports::OutboxRow& row) {
  const auto value = machine::parse_stored(row.event);
  if (!value) return Failure(value.error());
  auto order = order_from(*value);
  if (!order) return Failure(order.error());
  Item item;
  item.mark = outbox_mark(tenant_of(*order), row);
  item.order = std::move(*order);
  item.outbox = row;
  return item;
}

std::string request_text(const machine::StartCall& call, const machine::Snapshot& by) {
  const machine::OperationDecl& operation = *call.operation;
  const auto micros = [](Duration duration) { return Value::integer(duration.count()); };
  Value value =
      Value::object({{"operation", text(operation.name)},
                     {"ask", text(operation.ask)},
                     {"repeat", Value::integer(static_cast<std::int64_t>(operation.repeat))},
                     {"read_only", Value::boolean(operation.read_only)},
                     {"input", call.input},
                     {"key", text(call.idempotency_key)},
                     {"timeout_us", micros(call.timeout.value_or(k_default_timeout))},
                     {"attempts", number(call.retry.attempts)},
                     {"backoff_us", micros(call.retry.backoff)},
                     {"factor", Value::real(call.retry.factor)},
                     {"max_us", micros(call.retry.max)},
                     {"jitter", Value::real(call.retry.jitter)},
                     {"workflow", text(by.workflow)},
                     {"version", number(by.version)},
                     {"instance_key", text(by.key)}});
  if (operation.ask_after > Duration::zero())
    value = value.with("ask_after_us", micros(operation.ask_after));
  if (call.retry.deadline) value = value.with("deadline_us", micros(*call.retry.deadline));
  if (call.of) value = value.with("of", of_value(*call.of));
  if (call.compensation) value = value.with("compensation", Value::boolean(true));
  if (call.undoes) value = value.with("undoes", text(call.undoes->text()));
  return types::to_json(value);
}

Result<CallSpec> parse_request(std::string_view json) {
  const auto value = machine::parse_stored(json);
  if (!value) return Failure(value.error());
  const auto real_at = [&value](std::string_view name, double otherwise) {
    const Value* found = value->find(name);
    if (found == nullptr) return otherwise;
    if (found->kind() == types::Kind::real) return found->as_real();
    if (found->kind() == types::Kind::integer) return static_cast<double>(found->as_integer());
    return otherwise;
  };
  CallSpec spec;
  spec.operation = value->text_at("operation");
  spec.ask = value->text_at("ask");
  spec.ask_after = Duration(integer_at(*value, "ask_after_us", 0));
  spec.repeat = static_cast<machine::Repeat>(
      integer_at(*value, "repeat", static_cast<std::int64_t>(machine::Repeat::never)));
  const Value* read_only = value->find("read_only");
  spec.read_only = read_only != nullptr && *read_only == Value::boolean(true);
  if (const Value* input = value->find("input")) spec.input = *input;
  spec.idempotency_key = value->text_at("key");
  spec.timeout = Duration(integer_at(*value, "timeout_us", k_default_timeout.count()));
  spec.retry.attempts = static_cast<std::uint16_t>(integer_at(*value, "attempts", 1));
  spec.retry.backoff = Duration(integer_at(*value, "backoff_us", spec.retry.backoff.count()));
  spec.retry.factor = real_at("factor", spec.retry.factor);
  spec.retry.max = Duration(integer_at(*value, "max_us", spec.retry.max.count()));
  spec.retry.jitter = real_at("jitter", spec.retry.jitter);
  if (const Value* deadline = value->find("deadline_us")) {
    spec.retry.deadline = Duration(deadline->as_integer());
  }
  if (const Value* of = value->find("of")) spec.of = of_from(*of);
  spec.compensation = value->find("compensation") != nullptr;
  spec.workflow = value->text_at("workflow");
  spec.version = static_cast<std::uint32_t>(integer_at(*value, "version", 0));
  spec.instance_key = value->text_at("instance_key");
  return spec;
}

std::string error_text(const machine::ErrorInfo& error) {
  return types::to_json(machine::to_value(error));
}

machine::ErrorInfo parse_error(std::string_view json) {
  machine::ErrorInfo error;
  if (json.empty()) return error;
  const auto value = machine::parse_stored(json);
  if (!value) return error;
  error.code = value->text_at("code");
  error.message = value->text_at("message");
  error.attempts = static_cast<std::uint16_t>(integer_at(*value, "attempts"));
  return error;
}

}  // namespace vozex::runtime

// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/items/messages.h"

#include <array>

#include "engine/machine/codec.h"
#include "engine/machine/stored_json.h"
#include "engine/runtime/items/message_parts.h"
#include "engine/types/json.h"

namespace vozex::runtime {
namespace {

using namespace parts;
using machine::JsonWriter;
using types::Value;

InstanceId instance_at(const Value& map, std::string_view name) {
  return InstanceId::parse(map.text_at(name)).value_or(InstanceId{});
}

Value causation_value(const machine::Causation& causation) {
  return Value::object({{"depth", number(causation.depth)},
                        {"left", number(causation.left)},
                        {"turns", number(causation.turns)}});
}

machine::Causation causation_from(const Value* value) {
  if (value == nullptr) return {};
  return {static_cast<std::uint8_t>(integer_at(*value, "depth")),
          static_cast<std::uint16_t>(integer_at(*value, "turns")),
          static_cast<std::uint32_t>(integer_at(*value, "left", machine::k_max_caused))};
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
  if (start.causation != machine::Causation{})
    value = value.with("causation", causation_value(start.causation));
  if (!start.parent) return value;
  return value.with("parent",
                    Value::object({{"instance", text(start.parent->instance.text())},
                                   {"of", of_value(start.parent->of)},
                                   {"depth", number(start.parent->depth)},
                                   {"room", number(start.parent->room)}}));
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
                   input != nullptr ? *input : Value(),
                   causation_from(value.find("causation"))};
    if (const Value* parent = value.find("parent")) {
      const Value* of = parent->find("of");
      start.parent = machine::ParentRef{
          instance_at(*parent, "instance"),
          of != nullptr ? of_from(*of) : machine::InvocationRef{},
          static_cast<std::uint8_t>(integer_at(*parent, "depth", 1)),
          static_cast<std::uint32_t>(integer_at(*parent, "room", machine::k_max_family))};
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
  Value value = Value::object({{"id", text(answer.id)},
                               {"outcome", text(machine::to_string(answer.disposition))},
                               {"deliveries", Value::list(std::move(deliveries))}});
  return answer.more == 0 ? value : value.with("more", number(answer.more));
}

// As to_value(), without making it: members by name.
std::string answer_text(const EventAnswer& answer, const std::string& fingerprint) {
  std::string out;
  out.reserve(k_usual_text);
  JsonWriter json(out);
  json.begin_object();
  json.name("deliveries");
  json.begin_array();
  for (const Delivery& delivery : answer.deliveries) {
    json.begin_object();
    write(json, "from", delivery.from);
    write(json, "instance", delivery.instance.text());
    write(json, "key", delivery.key);
    write(json, "note", delivery.note);
    write(json, "outcome", machine::to_string(delivery.disposition));
    json.number_member("seq", delivery.seq);
    write(json, "to", delivery.to);
    write(json, "workflow", delivery.workflow);
    json.end_object();
  }
  json.end_array();
  json.text_member("fingerprint", fingerprint);
  write(json, "id", answer.id);
  if (answer.more != 0) json.number_member("more", answer.more);
  write(json, "outcome", machine::to_string(answer.disposition));
  json.end_object();
  return out;
}

std::string to_json(const EventAnswer& answer) { return answer_text(answer, ""); }

std::string fingerprint_of(const ports::MarkRow& first) {
  const auto value = types::parse_json(first.answer);
  return value ? std::string(value->text_at("fingerprint")) : std::string();
}

EventAnswer first_answer(const ports::MarkRow& first, const std::string& event_id) {
  EventAnswer answer{event_id, machine::Disposition::duplicate, {}, 0};
  const auto value = machine::parse_stored(first.answer);
  if (!value) return answer;
  if (const Value* deliveries = value->find("deliveries");
      deliveries != nullptr && deliveries->is_list()) {
    for (const Value& delivery : deliveries->as_list()) {
      answer.deliveries.push_back(delivery_from(delivery));
    }
  }
  answer.more = static_cast<std::uint32_t>(integer_at(*value, "more"));
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

}  // namespace vozex::runtime

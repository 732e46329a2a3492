// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/ops/bulk.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/planted.h"
#include "engine/runtime/batch/migration.h"
#include "engine/types/json.h"

namespace vozex::runtime {
namespace {

using machine::Disposition;
using machine::Life;
using ports::BatchItemState;
using types::Value;

struct Word {
  BulkOperation operation;
  const char* word;
};
constexpr std::array k_words = {Word{BulkOperation::cancel, "cancel"},
                                Word{BulkOperation::retry, "retry"},
                                Word{BulkOperation::skip, "skip"},
                                Word{BulkOperation::resume, "resume"},
                                Word{BulkOperation::suspend, "suspend"},
                                Word{BulkOperation::migrate, "migrate"},
                                Word{BulkOperation::move, "move"},
                                Word{BulkOperation::patch, "patch"}};

constexpr std::array k_lives = {Life::running, Life::held, Life::suspended};

std::optional<Life> life_of(std::string_view word) {
  for (const Life life : k_lives) {
    if (word == machine::to_string(life)) return life;
  }
  return std::nullopt;
}

Value query_value(const BulkQuery& query) {
  Value value = Value::map({});
  const auto text = [&value](const char* name, const std::string& member) {
    if (!member.empty()) value = value.with(name, Value::string(member));
  };
  text("workflow", query.workflow);
  text("state", query.state);
  text("key", query.key);
  if (query.life) text("life", machine::to_string(*query.life));
  if (!query.root.is_nil()) text("root", query.root.text());
  if (query.version != 0) value = value.with("version", Value::integer(query.version));
  if (query.incident) value = value.with("incident", Value::boolean(true));
  if (query.dead_calls) value = value.with("dead_calls", Value::boolean(true));
  return value;
}

bool flag(const Value& value, const char* name) {
  const Value* member = value.find(name);
  return member != nullptr && member->kind() == types::Kind::boolean && member->as_boolean();
}

std::uint32_t number(const Value& value, const char* name) {
  const Value* member = value.find(name);
  return member != nullptr && member->kind() == types::Kind::integer
             ? static_cast<std::uint32_t>(member->as_integer())
             : 0;
}

BulkQuery parse_query(const Value& value) {
  BulkQuery query;
  query.workflow = std::string(value.text_at("workflow"));
  query.version = number(value, "version");
  query.state = std::string(value.text_at("state"));
  query.life = life_of(value.text_at("life"));
  query.incident = flag(value, "incident");
  query.dead_calls = flag(value, "dead_calls");
  query.key = std::string(value.text_at("key"));
  if (const auto root = InstanceId::parse(value.text_at("root"))) query.root = *root;
  return query;
}

BulkForecast no(std::string code, std::string note) {
  return {false, std::move(code), std::move(note)};
}

bool is_held(const ports::InstanceRow& row) { return row.life == Life::held; }

}  // namespace

const char* to_string(BulkOperation operation) {
  for (const Word& word : k_words) {
    if (word.operation == operation) return word.word;
  }
  return "";
}

std::optional<BulkOperation> bulk_operation(std::string_view word) {
  for (const Word& known : k_words) {
    if (word == known.word) return known.operation;
  }
  return std::nullopt;
}

bool BulkQuery::is_empty() const {
  return workflow.empty() && version == 0 && state.empty() && !life && !incident && !dead_calls &&
         key.empty() && root.is_nil();
}

Value to_value(const BulkOrder& order) {
  Value::List roles;
  for (const std::string& role : order.actor.roles) roles.push_back(Value::string(role));
  Value value = Value::object(
      {{"operation", Value::string(to_string(order.operation))},
       {"query", query_value(order.query)},
       {"actor",
        Value::object({{"id", Value::string(order.actor.id)}, {"roles", Value::list(roles)}})},
       {"reason", Value::string(order.reason)}});
  if (order.to_version != 0) value = value.with("to_version", Value::integer(order.to_version));
  if (!order.target.empty()) value = value.with("target", Value::string(order.target));
  if (!order.data.is_null()) value = value.with("data", order.data);
  return value;
}

Result<BulkOrder> parse_bulk_order(std::string_view json) {
  const auto value = types::parse_json(json);
  const auto operation = value ? bulk_operation(value->text_at("operation")) : std::nullopt;
  const Value* query = value ? value->find("query") : nullptr;
  if (!operation || query == nullptr) {
    return fail(ErrorClass::corrupt, "batch_unreadable", "the order of the batch can't be read");
  }
  BulkOrder order;
  order.operation = *operation;
  order.query = parse_query(*query);
  order.to_version = number(*value, "to_version");
  order.target = std::string(value->text_at("target"));
  if (const Value* data = value->find("data")) order.data = *data;
  order.reason = std::string(value->text_at("reason"));
  const Value* actor = value->find("actor");
  if (actor == nullptr) return order;
  order.actor.id = std::string(actor->text_at("id"));
  if (const Value* roles = actor->find("roles"); roles != nullptr && roles->is_list()) {
    for (const Value& role : roles->as_list()) {
      if (role.is_string()) order.actor.roles.push_back(role.as_string());
    }
  }
  return order;
}

ports::InstanceFilter filter_of(const BulkQuery& query,
                                const std::string& tenant,
                                const InstanceId& after) {
  ports::InstanceFilter filter;
  filter.tenant = tenant;
  filter.workflow = query.workflow;
  filter.key = query.key;
  filter.state = query.state;
  filter.life = query.life;
  filter.live_only = true;
  filter.incident_only = query.incident;
  filter.root = query.root;
  filter.after = after;
  return filter;
}

bool fits(const BulkQuery& query,
          const ports::InstanceRow& row,
          const std::vector<ports::CallRow>& dead) {
  if (query.version != 0 && row.version != query.version) return false;
  return !query.dead_calls || !dead.empty();
}

bool needs_calls(const BulkOrder& order) {
  return order.query.dead_calls || order.operation == BulkOperation::retry;
}

BulkForecast forecast(const BulkOrder& order,
                      const ports::InstanceRow& row,
                      std::size_t dead_calls) {
  const std::string life = machine::to_string(row.life);
  if (machine::is_ended(row.life)) return no("instance_ended", "it is " + life);
  switch (order.operation) {
    case BulkOperation::cancel:
    case BulkOperation::move:
    case BulkOperation::patch: break;
    case BulkOperation::retry:
      if (dead_calls > 0 || is_held(row)) break;
      return no("nothing_to_retry", "it is " + life + " and has no dead calls");
    case BulkOperation::skip:
      if (is_held(row)) break;
      return no("nothing_to_skip", "it is " + life + ": no event holds it");
    case BulkOperation::resume:
      if (row.life != Life::running) break;
      return no("not_held", "it is neither held nor suspended");
    case BulkOperation::suspend:
      if (row.life == Life::running) break;
      return no("not_running", "it is " + life);
    case BulkOperation::migrate:
      if (row.version != order.to_version) break;
      return no("same_version", "it has version " + std::to_string(row.version) + " already");
  }
  return {true, "", ""};
}

machine::Event bulk_event(const BulkOrder& order,
                          const ports::BatchId& batch,
                          const InstanceId& instance,
                          Timestamp now) {
  machine::Event event;
  event.id = instance.text();
  if (VOZEX_PLANTED(batch_order_new_each_try)) event.id += "@" + format_timestamp(now);
  event.source = "batch:" + batch.text();
  event.name = to_string(order.operation);
  event.time = now;
  event.tenant = "default";
  event.data = Value::map({});
  switch (order.operation) {
    case BulkOperation::cancel:
      event.data = Value::object({{"actor", Value::string(order.actor.id)},
                                  {"batch", Value::string(batch.text())},
                                  {"reason", Value::string(order.reason)}});
      break;
    case BulkOperation::retry:
    case BulkOperation::resume: event.cause = machine::Resumed{order.actor, order.reason}; break;
    case BulkOperation::skip: event.cause = machine::Moved{"", order.actor, order.reason}; break;
    case BulkOperation::move:
      event.cause = machine::Moved{order.target, order.actor, order.reason};
      break;
    case BulkOperation::patch:
      event.cause = machine::Patched{order.data, order.actor, order.reason};
      break;
    case BulkOperation::suspend: event.cause = machine::Suspended{order.actor, order.reason}; break;
    case BulkOperation::migrate: {
      const machine::Event migration = migration_event(order.to_version, order.actor, order.reason);
      event.name = migration.name;
      event.data = migration.data;
      break;
    }
  }
  return event;
}

std::optional<ports::BatchItem> bulk_result(const InstanceId& instance,
                                            const Result<EventAnswer>& answer,
                                            Timestamp now) {
  ports::BatchItem item;
  item.instance = instance;
  item.at = now;
  if (!answer) {
    const ErrorClass kind = answer.error().kind;
    if (kind == ErrorClass::unavailable || kind == ErrorClass::outcome_unknown) return std::nullopt;
    const bool rules =
        kind == ErrorClass::refused || kind == ErrorClass::not_found || kind == ErrorClass::invalid;
    item.state = rules ? BatchItemState::refused : BatchItemState::failed;
    item.code = answer.error().code;
    item.note = answer.error().message;
    return item;
  }
  // A repetition is told what happened the first time.
  const Delivery* delivery = answer->deliveries.empty() ? nullptr : &answer->deliveries.front();
  const bool again = answer->disposition == Disposition::duplicate;
  if (VOZEX_PLANTED(batch_repetition_refused) && again) {
    item.state = BatchItemState::refused;
    item.code = "duplicate";
    return item;
  }
  const Disposition what = delivery != nullptr ? delivery->disposition : answer->disposition;
  item.state = BatchItemState::applied;
  if (delivery != nullptr) {
    const bool moved = !delivery->to.empty() && delivery->from != delivery->to;
    item.note = moved ? delivery->from + " to " + delivery->to : delivery->from;
  }
  if (what == Disposition::ended) {
    item.state = BatchItemState::refused;
    item.code = "instance_ended";
    item.note = "it had ended by then";
  } else if (what == Disposition::incident || what == Disposition::rejected) {
    item.state = BatchItemState::failed;
    item.code = machine::to_string(what);
    item.note = delivery != nullptr ? delivery->note : "";
  }
  return item;
}

std::size_t BulkPace::room(std::uint32_t rate, Timestamp now) const {
  if (now < next_) return 0;
  if (rate == 0) return chunk_;
  // A twentieth of a second's worth at once.
  return std::clamp<std::size_t>(rate / 20, 1, k_bulk_chunk);
}

void BulkPace::did(std::size_t count, std::uint32_t rate, Timestamp begun, Timestamp now) {
  if (rate == 0) {
    const Duration took = std::max(now - begun, Duration{0});
    chunk_ = took > k_bulk_patience ? chunk_ / 2 : chunk_ + k_bulk_chunk_step;
    chunk_ = std::clamp(chunk_, k_bulk_chunk_step, k_bulk_chunk);
    next_ = now + std::min(took, k_bulk_max_rest);
    return;
  }
  const auto cost = Duration{static_cast<std::int64_t>(count) * 1'000'000 / rate};
  next_ = std::max(next_, begun) + cost;
}

}  // namespace vozex::runtime

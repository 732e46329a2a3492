// SPDX-License-Identifier: Apache-2.0
#include "api/handlers/batches.h"

#include "api/handlers/body.h"
#include "api/handlers/instance_value.h"
#include "engine/types/json.h"

namespace vozex::handlers {
namespace {

using ports::BatchItemState;
using ports::BatchRow;
using ports::BatchState;
using runtime::BulkOrder;
using types::Value;

constexpr std::size_t k_max_reason_bytes = 1000;

const char* word_of(BatchState state) {
  switch (state) {
    case BatchState::running: return "running";
    case BatchState::paused: return "paused";
    case BatchState::cancelled: return "cancelled";
    case BatchState::done: return "done";
  }
  return "";
}

const char* word_of(BatchItemState state) {
  switch (state) {
    case BatchItemState::waiting: return "waiting";
    case BatchItemState::applied: return "applied";
    case BatchItemState::refused: return "refused";
    case BatchItemState::failed: return "failed";
  }
  return "";
}

Value to_value(const BatchRow& row) {
  Object object;
  object.text("id", row.id.text()).text("state", word_of(row.state));
  if (const auto order = types::parse_json(row.order); order && order->is_map()) {
    for (const char* name :
         {"operation", "to_version", "target", "data", "query", "actor", "reason"}) {
      if (const Value* member = order->find(name)) object.put(name, *member);
    }
  }
  return object.number("rate", row.rate)
      .put("listed", Value::boolean(row.listed))
      .number("total", row.total)
      .number("applied", row.applied)
      .number("refused", row.refused)
      .number("failed", row.failed)
      .number("waiting", row.total - row.applied - row.refused - row.failed)
      .put("created_at", Value::timestamp(row.created_at))
      .put("changed_at", Value::timestamp(row.changed_at))
      .done();
}

Value to_value(const ports::BatchItem& item) {
  Object object;
  object.text("instance", item.instance.text()).text("state", word_of(item.state));
  object.text("code", item.code).text("note", item.note);
  return object.put("at", Value::timestamp(item.at)).done();
}

Value to_value(const runtime::BulkPlan& plan) {
  Value::List lines;
  for (const auto& line : plan.lines) {
    lines.push_back(Object()
                        .text("workflow", line.workflow)
                        .number("version", line.version)
                        .text("state", line.state)
                        .put("would", Value::boolean(line.code.empty()))
                        .text("code", line.code)
                        .number("count", line.count)
                        .done());
  }
  Value::List sample;
  for (const auto& one : plan.sample) {
    Value item = summary(one.row).with("would", Value::boolean(one.forecast.would));
    if (!one.forecast.code.empty()) item = item.with("code", Value::string(one.forecast.code));
    if (!one.forecast.note.empty()) item = item.with("note", Value::string(one.forecast.note));
    sample.push_back(std::move(item));
  }
  return Object()
      .number("matched", plan.matched)
      .number("would", plan.would)
      .number("refused", plan.matched - plan.would)
      .put("truncated", Value::boolean(plan.truncated))
      .put("lines", Value::list(std::move(lines)))
      .put("sample", Value::list(std::move(sample)))
      .done();
}

http::Response bad_order(const std::string& pointer, const std::string& detail) {
  return invalid_body({{pointer, detail}});
}

types::TypeRef order_body() {
  const auto query = body_type({{"workflow", "optional<string>"},
                                {"version", "optional<int>"},
                                {"state", "optional<string>"},
                                {"life", "optional<string>"},
                                {"incident", "optional<bool>"},
                                {"dead_calls", "optional<bool>"},
                                {"key", "optional<string>"},
                                {"root", "optional<string>"},
                                {"all", "optional<bool>"}});
  const auto rest = body_type({{"operation", "string"},
                               {"to_version", "optional<int>"},
                               {"target", "optional<string>"},
                               {"data", "optional<json>"},
                               {"rate", "optional<int>"},
                               {"reason", "optional<string>"},
                               {"actor", "optional<json>"}});
  std::vector<types::Field> fields = rest->fields;
  types::Field field;
  field.name = "query";
  field.type = query;
  fields.push_back(std::move(field));
  return types::object_of(std::move(fields));
}

bool is_positive(const Value* value, std::int64_t most) {
  return value == nullptr || value->is_null() ||
         (value->kind() == types::Kind::integer && value->as_integer() >= 1 &&
          value->as_integer() <= most);
}

struct Wanted {
  BulkOrder order;
  std::uint32_t rate = 0;
};

// What the types don't say.
std::optional<http::Response> objection(const Value& body, const BulkOrder& order) {
  const Value& query = *body.find("query");
  if (!is_positive(query.find("version"), UINT32_MAX))
    return bad_order("/query/version", "expected a version from 1");
  if (!is_positive(body.find("rate"), runtime::k_max_bulk_rate)) {
    return bad_order("/rate",
                     "expected items a second from 1 to " +
                         std::to_string(runtime::k_max_bulk_rate) + "; leave it out for no limit");
  }
  if (!query.text_at("life").empty() && !order.query.life) {
    return bad_order(
        "/query/life",
        "expected running, held or suspended, got \"" + std::string(query.text_at("life")) + "\"");
  }
  if (!query.text_at("root").empty() && order.query.root.is_nil())
    return bad_order("/query/root", "expected an instance id");
  const Value* all = query.find("all");
  const bool wants_all = all != nullptr && all->kind() == types::Kind::boolean && all->as_boolean();
  if (order.query.is_empty() && !wants_all) {
    return bad_order("/query",
                     "it names nothing, which would be every instance: say \"all\": true if that "
                     "is what you want");
  }
  if (order.operation == runtime::BulkOperation::migrate) {
    if (order.to_version == 0 || order.query.workflow.empty())
      return bad_order("/to_version", "a migration wants query.workflow and to_version");
  } else if (order.to_version != 0) {
    return bad_order("/to_version", "only a migration has one");
  }
  const bool moves = order.operation == runtime::BulkOperation::move;
  if (moves == order.target.empty())
    return bad_order("/target", "a move wants the full path of a state, and nothing else does");
  const bool patches = order.operation == runtime::BulkOperation::patch;
  if (patches != order.data.is_map() || (!patches && !order.data.is_null()))
    return bad_order("/data", "a patch wants an object, and nothing else does");
  if (order.reason.size() > k_max_reason_bytes)
    return bad_order("/reason",
                     "expected at most " + std::to_string(k_max_reason_bytes) + " bytes");
  return std::nullopt;
}

// Whether a version that the query may mean has the state: else each item would be refused.
bool leads_somewhere(const BatchServices& with, const BulkOrder& order) {
  for (const machine::MachineRef& machine : with.services->engine->definitions()) {
    if (!order.query.workflow.empty() && machine->workflow != order.query.workflow) continue;
    if (order.query.version != 0 && machine->version != order.query.version) continue;
    for (const machine::State& state : machine->states) {
      if (state.path == order.target) return true;
    }
  }
  return false;
}

Asked<Wanted> wanted(const BatchServices& with, const http::Request& request) {
  static const types::TypeRef k_body = order_body();
  if (const auto checked = json_body(request, *k_body); !checked) return Refusal(checked.error());
  const auto body = json_body(request);
  if (!runtime::bulk_operation(body->text_at("operation"))) {
    return Refusal(
        bad_order("/operation",
                  "expected cancel, retry, skip, resume, suspend, migrate, move or patch, got \"" +
                      std::string(body->text_at("operation")) + "\""));
  }
  const auto order = runtime::parse_bulk_order(types::to_json(*body));
  if (!order) return Refusal(http::problem(order.error()));
  Wanted wanted{*order, 0};
  if (auto wrong = objection(*body, *order)) return Refusal(*std::move(wrong));
  if (order->operation == runtime::BulkOperation::move && !leads_somewhere(with, *order)) {
    return Refusal(bad_order("/target",
                             "no version that the query names has the state \"" + order->target +
                                 "\": expected a full path, as `vozex workflow` shows it"));
  }
  wanted.order.actor = actor_of(request, body->find("actor"));
  const Value* rate = body->find("rate");
  if (rate != nullptr && rate->kind() == types::Kind::integer)
    wanted.rate = static_cast<std::uint32_t>(rate->as_integer());
  return wanted;
}

http::Response plan(const BatchServices& with, const http::Request& request) {
  const auto ask = wanted(with, request);
  if (!ask) return ask.error();
  const auto plan = with.driver->plan(ask->order, k_tenant);
  if (!plan) return http::problem(plan.error());
  return answer(200, to_value(*plan));
}

// The same Idempotency-Key names the same batch.
http::Response create(const BatchServices& with, const http::Request& request) {
  const auto ask = wanted(with, request);
  if (!ask) return ask.error();
  if (ask->order.reason.empty())
    return bad_order("/reason", "expected a sentence: it stands in the history of each instance");
  const Timestamp now = with.services->clock->now();
  BatchRow row;
  const std::string_view key = request.header("idempotency-key");
  row.id.bytes = key.empty() ? with.services->random->new_instance_id(now).bytes
                             : digest128({"batch", request.caller, key});
  row.tenant = k_tenant;
  row.order = types::to_json(runtime::to_value(ask->order));
  row.rate = ask->rate;
  row.created_at = now;
  row.changed_at = now;
  const auto stored = with.batches->create(row);
  if (!stored) return http::problem(stored.error());
  if (stored->order != row.order || stored->rate != row.rate) {
    return http::problem(422,
                         "idempotency_key_reused",
                         "The Idempotency-Key was used for another batch",
                         "Batch " + stored->id.text() + " has this key and another order.");
  }
  with.driver->wake();
  http::Response response = answer(201, to_value(*stored));
  response.headers.emplace_back("location", "/v1/batches/" + stored->id.text());
  return response;
}

Asked<ports::BatchId> batch_id(const http::Request& request) {
  const std::string_view text = request.parameter("id");
  if (const auto id = ports::BatchId::parse(text)) return *id;
  return Refusal(http::problem(Error{ErrorClass::not_found,
                                     "batch_not_found",
                                     "\"" + std::string(text) +
                                         "\" is no batch id: expected a UUID as `GET /v1/batches` "
                                         "has it.",
                                     {}}));
}

http::Response list(const BatchServices& with, const http::Request& request) {
  auto limit = page_limit(request);
  if (!limit) return std::move(limit.error());
  const auto after = query_id(request, "after");
  if (!after) return after.error();
  const auto rows = with.batches->batches(ports::BatchId{after->bytes}, *limit);
  if (!rows) return http::problem(rows.error());
  Value::List items;
  for (const BatchRow& row : *rows) items.push_back(to_value(row));
  Object page;
  page.put("items", Value::list(std::move(items)));
  if (rows->size() == *limit) page.text("next", rows->back().id.text());
  return answer(200, page.done());
}

http::Response get(const BatchServices& with, const http::Request& request) {
  const auto id = batch_id(request);
  if (!id) return id.error();
  const auto row = with.batches->batch(*id);
  if (!row) return http::problem(row.error());
  if (!*row) return http::problem(Failure(ports::no_batch(*id)).value());
  return answer(200, to_value(**row));
}

Asked<std::optional<BatchItemState>> item_state(const http::Request& request) {
  const auto text = request.query_value("state");
  if (!text || text->empty()) return std::nullopt;
  for (const BatchItemState state : {BatchItemState::waiting,
                                     BatchItemState::applied,
                                     BatchItemState::refused,
                                     BatchItemState::failed}) {
    if (*text == word_of(state)) return state;
  }
  return bad_query("Expected `state` waiting, applied, refused or failed, got \"" + *text + "\".");
}

http::Response items(const BatchServices& with, const http::Request& request) {
  const auto id = batch_id(request);
  if (!id) return id.error();
  auto state = item_state(request);
  if (!state) return std::move(state.error());
  auto limit = page_limit(request);
  if (!limit) return std::move(limit.error());
  auto after = query_id(request, "after");
  if (!after) return std::move(after.error());
  const auto rows = with.batches->items(*id, *state, *after, *limit);
  if (!rows) return http::problem(rows.error());
  Value::List list;
  for (const ports::BatchItem& item : *rows) list.push_back(to_value(item));
  Object page;
  page.put("items", Value::list(std::move(list)));
  if (rows->size() == *limit) page.text("next", rows->back().instance.text());
  return answer(200, page.done());
}

template <BatchState to>
http::Response change(const BatchServices& with, const http::Request& request) {
  const auto id = batch_id(request);
  if (!id) return id.error();
  const auto row = with.batches->change(*id, to, with.services->clock->now());
  if (!row) return http::problem(row.error());
  with.driver->wake();
  return answer(200, to_value(*row));
}

}  // namespace

void add_batches(http::Router& router, const BatchServices& with) {
  const auto add = [&](const char* method,
                       const char* pattern,
                       http::Response (*handle)(const BatchServices&, const http::Request&),
                       std::vector<std::string> query = {}) {
    router.add(
        {method,
         pattern,
         blocking(*with.services->workers,
                  [&with, handle](const http::Request& request) { return handle(with, request); }),
         false,
         http::k_default_body_limit,
         std::move(query)});
  };
  add("POST", "/v1/batches/plan", plan);
  add("POST", "/v1/batches", create);
  add("GET", "/v1/batches", list, {"after", "limit"});
  add("GET", "/v1/batches/{id}", get);
  add("GET", "/v1/batches/{id}/items", items, {"state", "after", "limit"});
  add("POST", "/v1/batches/{id}/pause", change<BatchState::paused>);
  add("POST", "/v1/batches/{id}/resume", change<BatchState::running>);
  add("POST", "/v1/batches/{id}/cancel", change<BatchState::cancelled>);
}

}  // namespace vozex::handlers

// SPDX-License-Identifier: Apache-2.0
// The second half of messages.h: what the rows of calls say.
#include <algorithm>
#include <cmath>

#include "engine/machine/codec.h"
#include "engine/machine/stored_json.h"
#include "engine/runtime/items/message_parts.h"
#include "engine/runtime/items/messages.h"

namespace vozex::runtime {
namespace {

using namespace parts;
using machine::JsonWriter;
using types::Value;

bool comes_back_as_it_is(const Value& value) {
  using types::Kind;
  switch (value.kind()) {
    case Kind::null:
    case Kind::boolean:
    case Kind::integer:
    case Kind::string: return true;
    case Kind::real: return std::isfinite(value.as_real());
    case Kind::list:
      return std::all_of(value.as_list().begin(), value.as_list().end(), comes_back_as_it_is);
    case Kind::map:
      return std::all_of(value.as_map().begin(), value.as_map().end(), [](const auto& entry) {
        return entry.key.kind() == Kind::string && comes_back_as_it_is(entry.value);
      });
    case Kind::uint:
    case Kind::bytes:
    case Kind::timestamp:
    case Kind::duration:
    case Kind::type:
    case Kind::optional: break;
  }
  return false;
}

}  // namespace

// Members by name.
std::string request_text(const machine::StartCall& call, const machine::Snapshot& by) {
  const machine::OperationDecl& operation = *call.operation;
  std::string out;
  out.reserve(k_usual_text);
  JsonWriter json(out);
  json.begin_object();
  write(json, "ask", operation.ask);
  if (operation.ask_after > Duration::zero())
    json.number_member("ask_after_us", operation.ask_after.count());
  json.number_member("attempts", call.retry.attempts);
  json.number_member("backoff_us", call.retry.backoff.count());
  if (call.compensation) write(json, "compensation", Value::boolean(true));
  if (call.retry.deadline) json.number_member("deadline_us", call.retry.deadline->count());
  write(json, "factor", Value::real(call.retry.factor));
  write(json, "input", call.input);
  write(json, "instance_key", by.key);
  write(json, "jitter", Value::real(call.retry.jitter));
  write(json, "key", call.idempotency_key);
  json.number_member("max_us", call.retry.max.count());
  if (call.of) write(json, "of", of_value(*call.of));
  write(json, "operation", operation.name);
  write(json, "read_only", Value::boolean(operation.read_only));
  json.number_member("repeat", static_cast<std::int64_t>(operation.repeat));
  json.number_member("timeout_us", call.timeout.value_or(k_default_timeout).count());
  if (call.undoes) write(json, "undoes", call.undoes->text());
  json.number_member("version", by.version);
  write(json, "workflow", by.workflow);
  json.end_object();
  return out;
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

std::optional<CallSpec> spec_of(const machine::StartCall& call, const machine::Snapshot& by) {
  if (!comes_back_as_it_is(call.input)) return std::nullopt;
  const machine::OperationDecl& operation = *call.operation;
  CallSpec spec;
  spec.of = call.of;
  spec.operation = operation.name;
  spec.ask = operation.ask;
  spec.ask_after = operation.ask_after;
  spec.repeat = operation.repeat;
  spec.read_only = operation.read_only;
  spec.input = call.input;
  spec.idempotency_key = call.idempotency_key;
  spec.timeout = call.timeout.value_or(k_default_timeout);
  spec.retry = call.retry;
  spec.compensation = call.compensation;
  spec.workflow = by.workflow;
  spec.version = by.version;
  spec.instance_key = by.key;
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

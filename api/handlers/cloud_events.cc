// SPDX-License-Identifier: Apache-2.0
#include "api/handlers/cloud_events.h"

#include "api/handlers/services.h"
#include "engine/base/base64.h"
#include "engine/types/json.h"

namespace vozex::handlers {
namespace {

using types::Fault;
using types::Value;

constexpr std::size_t k_max_name = 256;

// What one event's members say; faults are collected, not thrown at the first.
class Reader {
 public:
  Reader(const Value& object, std::string prefix, std::vector<Fault>& faults)
      : object_(object), prefix_(std::move(prefix)), faults_(faults) {}

  void fault(const std::string& member, std::string message) {
    faults_.push_back({prefix_ + (member.empty() ? "" : "/" + member), std::move(message)});
  }

  std::string text(const char* member, bool required) {
    const Value* value = object_.find(member);
    if (value == nullptr || value->is_null()) {
      if (required) fault(member, "is required");
      return "";
    }
    if (!value->is_string() || (required && value->as_string().empty())) {
      fault(member, "expected a string that is not empty");
      return "";
    }
    if (value->as_string().size() > k_max_name) fault(member, "at most 256 bytes");
    return value->as_string();
  }

 private:
  const Value& object_;
  std::string prefix_;
  std::vector<Fault>& faults_;
};

Value data_of(const Value& object, Reader& reader) {
  if (const Value* data = object.find("data")) return *data;
  const Value* encoded = object.find("data_base64");
  if (encoded == nullptr) return Value::map({});
  const auto bytes = encoded->is_string() ? parse_base64(encoded->as_string()) : std::nullopt;
  if (!bytes) {
    reader.fault("data_base64", "expected base64");
    return Value();
  }
  auto parsed = types::parse_json(*bytes);
  if (!parsed) {
    reader.fault("data_base64", "expected JSON inside: " + parsed.error().message);
    return Value();
  }
  for (const Fault& fault : unkept_texts(*parsed)) {
    reader.fault("data_base64", "inside, at \"" + fault.pointer + "\": " + fault.message);
  }
  return *std::move(parsed);
}

machine::Event read_event(const Value& object,
                          const std::string& prefix,
                          bool cloud_event,
                          Timestamp now,
                          std::vector<Fault>& faults) {
  Reader reader(object, prefix, faults);
  machine::Event event;
  if (!object.is_map()) {
    reader.fault("", "expected an event: an object with id, source, type and data");
    return event;
  }
  const std::string version = reader.text("specversion", cloud_event);
  if (!version.empty() && version != "1.0")
    reader.fault("specversion", "expected \"1.0\", got \"" + version + "\"");
  event.id = reader.text("id", true);
  event.source = reader.text("source", true);
  event.name = reader.text("type", true);
  event.subject = reader.text("subject", false);
  event.tenant = k_tenant;
  event.time = now;
  if (event.source.starts_with("instance:")) {
    reader.fault("source",
                 "\"instance:\" is how instances sign their own events: choose another source");
  }
  if (event.source.starts_with("gateway:")) {
    reader.fault("source",
                 "\"gateway:\" is how verified webhooks of payment gateways are signed: choose "
                 "another source");
  }
  if (const std::string tenant = reader.text("tenant", false);
      !tenant.empty() && tenant != k_tenant) {
    reader.fault("tenant", "there is no tenant \"" + tenant + "\" here");
  }
  if (const std::string time = reader.text("time", false); !time.empty()) {
    if (const auto at = parse_timestamp(time)) {
      event.time = *at;
    } else {
      reader.fault("time", "expected RFC 3339, for example 2026-11-20T10:00:00Z");
    }
  }
  event.data = data_of(object, reader);
  return event;
}

// ce-* headers and a JSON body as data: one object with the members of the structured form.
Asked<Value> binary_form(const http::Request& request) {
  auto data = json_body(request);
  if (!data) return data;
  Object object;
  for (const auto& [name, value] : request.headers) {
    if (!name.starts_with("ce-")) continue;
    const auto decoded = http::percent_decode(value);
    object.put(name.substr(3).c_str(), Value::string(decoded ? *decoded : value));
  }
  Value event = object.put("data", *data).done();
  if (const auto faults = unkept_texts(event); !faults.empty())
    return Refusal(invalid_body(faults));
  return event;
}

}  // namespace

Asked<EventBatch> read_cloud_events(const http::Request& request, Timestamp now) {
  const std::string type = media_type(request);
  const bool structured =
      type == "application/cloudevents+json" || type == "application/cloudevents-batch+json";
  const bool binary = !structured && !request.header("ce-id").empty();
  auto body = binary ? binary_form(request) : json_body(request);
  if (!body) return Refusal(std::move(body.error()));
  EventBatch batch;
  batch.is_batch = body->is_list() && !binary;
  const Value::List events = batch.is_batch ? body->as_list() : Value::List{*body};
  if (events.size() > k_max_events) {
    return Refusal(http::problem(Error{ErrorClass::invalid,
                                       "too_large",
                                       "At most " + std::to_string(k_max_events) +
                                           " events in one request, got " +
                                           std::to_string(events.size()) + ".",
                                       {}}));
  }
  std::vector<Fault> faults;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const std::string prefix = batch.is_batch ? "/" + std::to_string(i) : "";
    batch.events.push_back(read_event(events[i], prefix, structured || binary, now, faults));
  }
  if (!faults.empty()) return Refusal(invalid_body(faults));
  return batch;
}

}  // namespace vozex::handlers

// SPDX-License-Identifier: Apache-2.0
#include "adapters/fulfillment/license_download/licenses_adapter.h"

#include <spdlog/spdlog.h>

namespace vozex::fulfillment {
namespace {

using types::Kind;
using types::Value;

constexpr std::int64_t k_max_days = 36'500;

std::string text(const Value& input, std::string_view name) {
  return std::string(input.text_at(name));
}

std::optional<std::int64_t> number(const Value& input, std::string_view name) {
  const Value* member = input.find(name);
  if (member == nullptr || member->kind() != Kind::integer) return std::nullopt;
  return member->as_integer();
}

// nullopt when absent or out of bounds: a span that nobody can mean is no span.
std::optional<Duration> days(const Value& input, std::string_view name) {
  const auto count = number(input, name);
  if (!count || *count < 1 || *count > k_max_days) return std::nullopt;
  return std::chrono::hours(24) * *count;
}

// What the product says under `config`, overruled by what the call itself says.
Value terms_of(const Value& input) {
  const Value* config = input.find("config");
  Value terms = config != nullptr && config->is_map() ? *config : Value::map({});
  for (const auto& [name, value] : input.as_map()) {
    const bool absent =
        value.is_null() || (value.kind() == Kind::optional && value.as_optional() == nullptr);
    if (name.is_string() && !absent) terms = terms.with(name.as_string(), value);
  }
  return terms;
}

ports::CallReply fault(const char* code, std::string message) {
  ports::CallError error;
  error.code = code;
  error.message = std::move(message);
  return tl::unexpected(std::move(error));
}

Value status_reply(const License& license) {
  return Value::object({{"license_id", Value::string(license.license_id)},
                        {"status", Value::string(to_string(license.status))}});
}

std::optional<LicenseStatus> target_of(std::string_view operation) {
  if (operation == "suspend") return LicenseStatus::suspended;
  if (operation == "restore") return LicenseStatus::active;
  if (operation == "revoke") return LicenseStatus::revoked;
  return std::nullopt;
}

}  // namespace

ports::CallReply LicensesAdapter::issue(const ports::CallRequest& request) {
  const Value& input = request.input;
  const Value terms = terms_of(input);
  IssueRequest issue;
  issue.tenant = request.tenant;
  issue.order_id = text(input, "order_id");
  issue.order_item_id = text(input, "order_item_id");
  issue.customer_id = text(input, "customer_id");
  issue.product_id = text(input, "product_id");
  issue.seats = number(terms, "seats").value_or(1);
  issue.artefact = text(terms, "artefact");
  issue.support_plan = text(terms, "support_plan");
  issue.valid_for = days(terms, "valid_days");
  issue.updates_for = days(terms, "updates_days");
  if (const Value* features = terms.find("features"); features != nullptr && features->is_list()) {
    for (const auto& feature : features->as_list()) {
      if (feature.is_string()) issue.features.push_back(feature.as_string());
    }
  }
  if (issue.order_id.empty() || issue.order_item_id.empty() || issue.product_id.empty() ||
      issue.seats < 1) {
    return fault("invalid_input",
                 "expected order_id, order_item_id, product_id and at least one seat");
  }
  auto issued = service_.issue(issue);
  if (!issued) return tl::unexpected(issued.error());
  const License& license = issued->license;
  Value reply = Value::object({{"license_key", Value::string(license.key)},
                               {"license_id", Value::string(license.license_id)},
                               {"document", Value::string(license.document)},
                               {"download_url", Value::string(issued->link.url)},
                               {"expires_at", Value::timestamp(issued->link.expires_at)}});
  if (license.expires_at)
    reply = reply.with("license_expires_at", Value::timestamp(*license.expires_at));
  return reply;
}

ports::CallReply LicensesAdapter::new_link(const ports::CallRequest& request) {
  const Value* revoke = request.input.find("revoke_earlier");
  const bool revoke_earlier =
      revoke != nullptr && revoke->kind() == Kind::boolean && revoke->as_boolean();
  auto link = service_.new_link(request.tenant, text(request.input, "license_id"), revoke_earlier);
  if (!link) return tl::unexpected(link.error());
  return Value::object({{"download_url", Value::string(link->url)},
                        {"expires_at", Value::timestamp(link->expires_at)}});
}

ports::CallReply LicensesAdapter::call(const ports::CallRequest& request) {
  ports::CallReply reply;
  if (!request.input.is_map()) {
    reply = fault("invalid_input", "expected an object");
  } else if (request.operation == "issue") {
    reply = issue(request);
  } else if (request.operation == "new_link") {
    reply = new_link(request);
  } else if (const auto status = target_of(request.operation)) {
    auto license = service_.set_status(request.tenant, text(request.input, "license_id"), *status);
    reply = license ? ports::CallReply(status_reply(*license)) : tl::unexpected(license.error());
  } else {
    reply = fault("invalid_input", "the adapter licenses has no operation " + request.operation);
  }
  spdlog::log(reply ? spdlog::level::info : spdlog::level::warn,
              "license call driver=license_download operation={} order_id={} order_item_id={} "
              "external_reference={} "
              "outcome={}",
              request.operation,
              request.input.text_at("order_id"),
              request.input.text_at("order_item_id"),
              reply ? reply->text_at("license_id") : request.input.text_at("license_id"),
              reply ? "ok" : reply.error().code);
  return reply;
}

}  // namespace vozex::fulfillment

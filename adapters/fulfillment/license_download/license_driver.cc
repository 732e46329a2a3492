// SPDX-License-Identifier: Apache-2.0
#include "adapters/fulfillment/license_download/license_driver.h"

namespace vozex::fulfillment {
namespace {

using types::Value;

Fulfilment fulfilment_of(const License& license) {
  Fulfilment out;
  out.status = license.status == LicenseStatus::revoked ? "cancelled" : "active";
  out.suspended = license.status == LicenseStatus::suspended;
  out.reference = license.license_id;
  return out;
}

}  // namespace

bool LicenseDriver::supports(std::string_view delivery_model) const {
  return delivery_model == "self_hosted_license" || delivery_model == "self_hosted_download";
}

FulfilReply LicenseDriver::fulfil(const FulfilRequest& request) {
  ports::CallRequest call;
  call.operation = "issue";
  call.tenant = request.tenant;
  call.input = (request.config.is_map() ? request.config : Value::map({}))
                   .with("order_id", Value::string(request.order_id))
                   .with("order_item_id", Value::string(request.order_item_id))
                   .with("customer_id", Value::string(request.customer_id))
                   .with("product_id", Value::string(request.product_id));
  auto issued = adapter_.call(call);
  if (!issued) return tl::unexpected(issued.error());
  Fulfilment out;
  out.status = "active";
  out.reference = std::string(issued->text_at("license_id"));
  out.url = std::string(issued->text_at("download_url"));
  out.details = *std::move(issued);
  return out;
}

FulfilReply LicenseDriver::status(const FulfilRequest& request) {
  const auto license = service_.of_item(request.tenant, request.order_item_id);
  if (!license) return tl::unexpected(license.error());
  if (license->has_value()) return fulfilment_of(**license);
  Fulfilment none;
  none.status = "queued";
  return none;
}

FulfilReply LicenseDriver::change(const FulfilRequest& request, LicenseStatus status) {
  const auto license = service_.of_item(request.tenant, request.order_item_id);
  if (!license) return tl::unexpected(license.error());
  if (!license->has_value()) {
    Fulfilment none;  // nothing was delivered, so there is nothing to take back
    none.status = status == LicenseStatus::revoked ? "cancelled" : "queued";
    return none;
  }
  const auto changed = service_.set_status(request.tenant, (*license)->license_id, status);
  if (!changed) return tl::unexpected(changed.error());
  return fulfilment_of(*changed);
}

FulfilReply LicenseDriver::suspend(const FulfilRequest& request) {
  return change(request, LicenseStatus::suspended);
}
FulfilReply LicenseDriver::resume(const FulfilRequest& request) {
  return change(request, LicenseStatus::active);
}
FulfilReply LicenseDriver::cancel(const FulfilRequest& request) {
  return change(request, LicenseStatus::revoked);
}

}  // namespace vozex::fulfillment

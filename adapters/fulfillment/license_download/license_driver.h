// SPDX-License-Identifier: Apache-2.0
//
// The driver `license_download`: delivers a licence and a download link for self_hosted_license and
// self_hosted_download. Config (all optional): seats, features, artefact, support_plan, valid_days,
// updates_days. Thread rule: any thread.
#pragma once

#include "adapters/fulfillment/driver.h"
#include "adapters/fulfillment/license_download/licenses_adapter.h"

namespace vozex::fulfillment {

class LicenseDriver final : public Driver {
 public:
  // `service` must outlive this.
  explicit LicenseDriver(LicenseService& service) : service_(service), adapter_(service) {}

  std::string_view name() const override { return "license_download"; }
  bool supports(std::string_view delivery_model) const override;
  FulfilReply fulfil(const FulfilRequest& request) override;
  FulfilReply status(const FulfilRequest& request) override;
  FulfilReply suspend(const FulfilRequest& request) override;
  FulfilReply resume(const FulfilRequest& request) override;
  FulfilReply cancel(const FulfilRequest& request) override;

 private:
  FulfilReply change(const FulfilRequest& request, LicenseStatus status);

  LicenseService& service_;
  LicensesAdapter adapter_;
};

}  // namespace vozex::fulfillment

// SPDX-License-Identifier: Apache-2.0
//
// The adapter `licenses` (declared in workflows/adapters/licenses.yaml): issue, suspend, restore,
// revoke, new_link. All may be repeated. Thread rule: any thread.
#pragma once

#include "adapters/fulfillment/license_download/license_service.h"
#include "engine/ports/adapter.h"

namespace vozex::fulfillment {

class LicensesAdapter final : public ports::Adapter {
 public:
  // `service` must outlive this.
  explicit LicensesAdapter(LicenseService& service) : service_(service) {}

  std::string_view name() const override { return "licenses"; }
  ports::CallReply call(const ports::CallRequest& request) override;

 private:
  ports::CallReply issue(const ports::CallRequest& request);
  ports::CallReply new_link(const ports::CallRequest& request);

  LicenseService& service_;
};

}  // namespace vozex::fulfillment

// SPDX-License-Identifier: Apache-2.0
//
// The adapter `coupons` (declared in workflows/adapters/coupons.yaml): what a coupon of the
// catalogue takes off, and how often it may be used: that is counted by the workflow `quota`, not
// here. Changes nothing. A shop with a system of its own gives that file an `http:`
// instead. Thread rule: any thread. Tests: tests/unit/catalog (quoter_test.cc, coupons_test.cc).
#pragma once

#include "adapters/catalog/catalog.h"
#include "engine/ports/adapter.h"

namespace vozex::catalog {

class CouponsAdapter final : public ports::Adapter {
 public:
  // Both must outlive this.
  CouponsAdapter(Catalog& catalog, const ports::Clock& clock) : catalog_(catalog), clock_(clock) {}

  std::string_view name() const override { return "coupons"; }
  ports::CallReply call(const ports::CallRequest& request) override;

 private:
  ports::CallReply limits(const ports::CallRequest& request) const;

  Catalog& catalog_;
  const ports::Clock& clock_;
};

}  // namespace vozex::catalog

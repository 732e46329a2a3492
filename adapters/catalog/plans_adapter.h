// SPDX-License-Identifier: Apache-2.0
//
// The adapter `plans` (declared in workflows/adapters/plans.yaml): what another plan of a
// subscription costs and what its gateway calls it, by the catalogue, as a quote of it would say.
// What was bought beside the plan stays: features, licence type, support; a coupon as long as it is
// good; the buyer's tax. Changes nothing. Thread rule: any thread. Tests:
// tests/unit/catalog/plans_test.cc.
#pragma once

#include "adapters/catalog/catalog.h"
#include "adapters/catalog/quoter.h"
#include "engine/ports/adapter.h"

namespace vozex::catalog {

class PlansAdapter final : public ports::Adapter {
 public:
  // Both must outlive this.
  PlansAdapter(Catalog& catalog, const Quoter& quoter) : catalog_(catalog), quoter_(quoter) {}

  std::string_view name() const override { return "plans"; }
  ports::CallReply call(const ports::CallRequest& request) override;

 private:
  // Why the plan of the request isn't one that can be bought; nothing when it is.
  std::optional<ports::CallError> unsellable(std::string_view tenant,
                                             const Product& product,
                                             const std::string& plan) const;
  // The product of which it is a plan, other than `product`; "" when there is none among the first
  // k_most_searched.
  std::string owner_of(std::string_view tenant,
                       const std::string& plan,
                       const std::string& product) const;

  Catalog& catalog_;
  const Quoter& quoter_;
};

}  // namespace vozex::catalog

// SPDX-License-Identifier: Apache-2.0
//
// The adapter `tax` (declared in workflows/adapters/tax.yaml): the tax of the buyer's country, as
// the catalogue has it, on prices without tax. Changes nothing. Thread rule: any thread. Tests:
// tests/unit/catalog/adapters_test.cc.
#pragma once

#include "adapters/catalog/catalog.h"
#include "engine/ports/adapter.h"

namespace vozex::catalog {

class TaxAdapter final : public ports::Adapter {
 public:
  // It must outlive this.
  explicit TaxAdapter(Catalog& catalog) : catalog_(catalog) {}

  std::string_view name() const override { return "tax"; }
  ports::CallReply call(const ports::CallRequest& request) override;

 private:
  Catalog& catalog_;
};

}  // namespace vozex::catalog

// SPDX-License-Identifier: Apache-2.0
//
// The catalogue's door of api/handlers, opened onto adapters/catalog; and the check of files that
// needs no server. Thread rule: any thread.
#pragma once

#include <memory>
#include <vector>

#include "adapters/catalog/coupons_adapter.h"
#include "adapters/catalog/plans_adapter.h"
#include "adapters/catalog/quoter.h"
#include "adapters/catalog/tax_adapter.h"
#include "adapters/fulfillment/multitenant_saas/connection.h"
#include "adapters/payments/payments_adapter.h"
#include "api/declared_adapters.h"
#include "api/handlers/catalog.h"

namespace vozex::program {

// What the catalogue's door works with; outlives it.
struct CatalogRoom {
  CatalogRoom(catalog::CatalogStore& store,
              const ports::Clock& clock,
              const payments::PaymentsAdapter& gateways,
              DeclaredAdapters& declared,
              fulfillment::ConnectionTools connection);

  // `coupons` or `tax`: what a file declares, else the built-in one; nullptr for others.
  ports::Adapter* pricing_adapter(std::string_view name);
  // The built-in adapters that no file takes the place of.
  std::vector<ports::Adapter*> adapters();

  const payments::PaymentsAdapter& gateways;
  DeclaredAdapters& declared;
  const fulfillment::ConnectionTools connection;
  catalog::Catalog products;
  catalog::CouponsAdapter coupons;
  catalog::TaxAdapter tax;
  catalog::Quoter quoter;
  catalog::PlansAdapter plans;
};

std::unique_ptr<handlers::CatalogDoor> catalog_door(CatalogRoom& room);

// Error catalog_invalid, its details at /documents/<number>/...
Result<void> check_catalog(const std::vector<types::Value>& documents);

}  // namespace vozex::program

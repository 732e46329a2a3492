// SPDX-License-Identifier: Apache-2.0
//
// /v1/products, /v1/coupons, /v1/taxes: what is for sale, one document at a time; /v1/catalog:
// several at once, whole or not at all. Contract: docs/catalog.md.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/handlers/services.h"
#include "api/http/router.h"

namespace vozex::handlers {

struct CatalogOrder {
  std::vector<types::Value> documents;
  bool dry_run = false;
  std::string by;
  std::optional<std::uint64_t> revision;  // of a single document: what its author saw
};

// A reason why something can't be bought: a code, the place in the request, a sentence.
struct Obstacle {
  std::string code;
  std::string pointer;
  std::string message;
};

// A request priced. With obstacles it can't be bought as it is.
struct PricedQuote {
  types::Value shown;        // items with their lines, totals, gateways
  types::Value order_items;  // what an order would deliver, without ids
  types::Value metadata;
  types::Value recurring;             // what the workflow `quote` keeps of a plan; null: paid once
  std::vector<std::string> gateways;  // the default first
  std::int64_t total_minor = 0;
  std::string currency;
  std::string coupon;       // "" = none
  std::string customer_id;  // "" = not known yet
  Duration valid_for{};
  std::vector<Obstacle> obstacles;
};

// How often a coupon may be used; the workflow `quota` counts under this name.
struct CouponLimit {
  std::string quota_id;
  std::int64_t limit = 0;
};

enum class Gateways { unasked, asked };

// The catalogue as the API shows it; implemented on adapters/catalog. `kind`: product, coupon or
// tax. All may block: called on workers.
class CatalogDoor {
 public:
  virtual ~CatalogDoor() = default;
  // A list of {kind, id, change, revision, differences?}. Errors as adapters/catalog/catalog.h has
  // them.
  virtual Result<types::Value> apply(const CatalogOrder& order) = 0;
  // {id, revision, status, changed_at, changed_by, document}; null when there is none.
  virtual Result<types::Value> get(const std::string& kind, const std::string& id) = 0;
  // A list of {id, title, status, revision, changed_at, ...} by id, after that id.
  virtual Result<types::Value> list(const std::string& kind,
                                    const std::string& after,
                                    std::size_t limit) = 0;
  // What {items, currency, ...} costs (adapters/catalog/quote_request.h). Writes nothing. With
  // Gateways::asked: also whether their own products cost that. Errors: invalid_body,
  // pricing_unavailable.
  virtual Result<PricedQuote> quote(const types::Value& body, Gateways gateways) = 0;
  // None where nothing limits it, or nobody can say.
  virtual std::vector<CouponLimit> coupon_limits(const std::string& coupon,
                                                 const std::string& customer_id) = 0;
  // Of those `able`, the one `chosen` ("" = the first): the rule of payments (router.h).
  virtual Result<std::string> choose_gateway(const std::string& chosen,
                                             const std::vector<std::string>& able) = 0;
  // Whether the providers of a product answer us, and its gateways charge what its plans cost: {ok,
  // connections: [...], plans: [...]}; null when there is no such product.
  virtual Result<types::Value> test_connection(const std::string& product_id) = 0;
};

struct CatalogServices {
  const Services* services = nullptr;
  CatalogDoor* catalog = nullptr;
};

// `with` outlives the router.
void add_catalog(http::Router& router, const CatalogServices& with);
// /v1/quotes: docs/checkout.md.
void add_quotes(http::Router& router, const CatalogServices& with);

}  // namespace vozex::handlers

// SPDX-License-Identifier: Apache-2.0
#include "api/catalog_door.h"

#include <fmt/format.h>

#include <algorithm>

#include "adapters/catalog/memory_catalog_store.h"
#include "adapters/catalog/recurring.h"
#include "adapters/payments/router.h"
#include "adapters/system/clock.h"
#include "api/handlers/body.h"

namespace vozex::program {
namespace {

using catalog::AppliedEntry;
using catalog::Entry;
using catalog::EntryId;
using handlers::Object;
using types::Value;

Value to_value(const AppliedEntry& entry) {
  Value::List differences;
  for (const catalog::Difference& one : entry.differences) {
    differences.push_back(Object()
                              .text("pointer", one.pointer)
                              .put("before", one.before)
                              .put("after", one.after)
                              .done());
  }
  Object object;
  object.text("kind", to_string(entry.id.kind))
      .text("id", entry.id.id)
      .text("change", to_string(entry.applied))
      .number("revision", entry.revision);
  if (!differences.empty()) object.put("differences", Value::list(std::move(differences)));
  return object.done();
}

Object facts_of(const Entry& entry) {
  Object object;
  object.text("id", entry.id.id)
      .number("revision", entry.revision)
      .text("status", entry.status)
      .put("changed_at", Value::timestamp(entry.changed_at))
      .text("changed_by", entry.changed_by);
  return object;
}

// Configurations of providers with the marketplace contract, and the paths of a hybrid they are of.
std::vector<std::pair<std::string, Value>> providers_of(const Value& product) {
  constexpr std::string_view k_model = "saas_multitenant";
  std::vector<std::pair<std::string, Value>> found;
  const Value& config = *product.find("fulfillment_config");
  if (product.text_at("delivery_model") == k_model) found.emplace_back("", config);
  const Value* paths = config.find("paths");
  if (paths == nullptr || !paths->is_list()) return found;
  for (const Value& path : paths->as_list()) {
    if (path.text_at("delivery_model") == k_model)
      found.emplace_back(path.text_at("path"), *path.find("config"));
  }
  return found;
}

constexpr Duration k_patience = std::chrono::seconds{10};
constexpr std::size_t k_most_plans = 100;  // each is a request to its gateway

std::string joined(const std::vector<std::string>& sentences) {
  std::string text;
  for (const std::string& one : sentences) text += (text.empty() ? "" : "; ") + one;
  return text;
}

class OpenCatalog final : public handlers::CatalogDoor {
 public:
  explicit OpenCatalog(CatalogRoom& room) : room_(room), catalog_(room.products) {}

  Result<Value> apply(const handlers::CatalogOrder& order) override {
    const auto applied = catalog_.apply(handlers::k_tenant,
                                        {order.documents, order.dry_run, order.by, order.revision});
    if (!applied) return Failure(applied.error());
    Value::List items;
    for (const AppliedEntry& entry : *applied) items.push_back(to_value(entry));
    return Value::list(std::move(items));
  }

  Result<Value> get(const std::string& kind, const std::string& id) override {
    const auto entry = catalog_.get(handlers::k_tenant, EntryId{*catalog::entry_kind(kind), id});
    if (!entry) return Failure(entry.error());
    if (!*entry) return Value();
    auto document = catalog::document_of(**entry);
    if (!document) return Failure(document.error());
    return facts_of(**entry).put("document", *std::move(document)).done();
  }

  Result<Value> list(const std::string& kind,
                     const std::string& after,
                     std::size_t limit) override {
    const auto entries =
        catalog_.list(handlers::k_tenant, *catalog::entry_kind(kind), after, limit);
    if (!entries) return Failure(entries.error());
    Value::List items;
    for (const Entry& entry : *entries) {
      const auto document = catalog::document_of(entry);
      if (!document) return Failure(document.error());
      Object item = facts_of(entry);
      for (const char* name : {"title", "type", "category", "delivery_model"})
        item.text(name, document->text_at(name));
      items.push_back(item.done());
    }
    return Value::list(std::move(items));
  }

  Result<handlers::PricedQuote> quote(const Value& body, handlers::Gateways gateways) override {
    const auto outcome = room_.quoter.quote(handlers::k_tenant, body);
    if (!outcome) return Failure(outcome.error());
    const catalog::Quote& quote = outcome->quote;
    handlers::PricedQuote priced;
    priced.shown = catalog::to_value(quote);
    priced.order_items = catalog::order_items(quote);
    priced.metadata = catalog::metadata_of(quote);
    priced.recurring = catalog::recurring_of(quote);
    priced.gateways = quote.gateways;
    priced.total_minor = quote.total();
    priced.currency = quote.request.terms.currency;
    priced.coupon = quote.request.coupon;
    priced.customer_id = quote.request.customer_id;
    priced.valid_for = std::chrono::seconds(quote.request.expires_in_seconds);
    for (const catalog::Refusal& one : outcome->refusals)
      priced.obstacles.push_back({one.code, one.pointer, one.message});
    if (gateways == handlers::Gateways::asked) compare_offers(quote, priced.obstacles);
    return priced;
  }

  std::vector<handlers::CouponLimit> coupon_limits(const std::string& coupon,
                                                   const std::string& customer_id) override {
    ports::Adapter* coupons = room_.pricing_adapter(room_.coupons.name());
    std::vector<handlers::CouponLimit> limits;
    if (coupons == nullptr) return limits;
    ports::CallRequest request;
    request.operation = "limits";
    request.tenant = handlers::k_tenant;
    request.timeout = k_patience;
    request.input = Object().text("code", coupon).text("customer_id", customer_id).done();
    const auto reply = coupons->call(request);
    const Value* list = reply ? reply->find("limits") : nullptr;
    if (list == nullptr || !list->is_list()) return limits;
    for (const Value& one : list->as_list()) {
      const Value* limit = one.find("limit");
      if (limit != nullptr && limit->kind() == types::Kind::integer)
        limits.push_back({std::string(one.text_at("quota_id")), limit->as_integer()});
    }
    return limits;
  }

  Result<std::string> choose_gateway(const std::string& chosen,
                                     const std::vector<std::string>& able) override {
    return payments::pick_gateway({chosen, {able}, room_.gateways.gateway_names()});
  }

  Result<Value> test_connection(const std::string& product_id) override {
    const auto entry =
        catalog_.get(handlers::k_tenant, EntryId{catalog::EntryKind::product, product_id});
    if (!entry) return Failure(entry.error());
    if (!*entry) return Value();
    const auto document = catalog::document_of(**entry);
    if (!document) return Failure(document.error());
    Value::List checks;
    bool ok = true;
    for (const auto& [path, config] : providers_of(*document)) {
      const auto check = fulfillment::test_connection(config, access_to(config), room_.connection);
      ok = ok && check.ok;
      checks.push_back(Object()
                           .text("path", path)
                           .text("provider", config.text_at("provider"))
                           .put("ok", Value::boolean(check.ok))
                           .text("step", check.step)
                           .text("detail", check.detail)
                           .number("http_status", static_cast<std::uint64_t>(check.status))
                           .done());
    }
    Value plans = Value::list({});
    ok = compare_plans(catalog::read_product(*document), plans) && ok;
    return Object()
        .text("product", product_id)
        .put("ok", Value::boolean(ok))
        .put("connections", Value::list(std::move(checks)))
        .put("plans", std::move(plans))
        .done();
  }

 private:
  // What the quote's gateways would charge instead of its total.
  void compare_offers(const catalog::Quote& quote, std::vector<handlers::Obstacle>& obstacles) {
    for (const std::string& gateway : quote.gateways) {
      const std::string& wanted = quote.request.gateway;  // "" = whichever fits
      const auto promise = catalog::promise_of(quote, gateway);
      if (!promise || (!wanted.empty() && gateway != wanted)) continue;
      const auto told = room_.gateways.compare(gateway, *promise);
      const char* place = wanted.empty() ? "" : "/gateway";
      if (!told) {
        obstacles.push_back(
            {"gateway_unavailable",
             place,
             gateway + " can't be asked what it would charge: " + told.error().code});
        continue;
      }
      for (const std::string& one : *told) {
        obstacles.push_back({"gateway_price_differs",
                             place,
                             fmt::format("{}, {}: {}", gateway, promise->product_ref, one)});
      }
    }
  }

  // Whether the gateways charge what the plans cost by themselves; false where one doesn't.
  bool compare_plans(const catalog::Product& product, Value& plans) {
    Value::List out;
    bool ok = true;
    const std::vector<std::string> configured = room_.gateways.gateway_names();
    for (const catalog::PlanOffer& offer : catalog::plan_offers(product)) {
      if (std::find(configured.begin(), configured.end(), offer.gateway) == configured.end())
        continue;
      if (out.size() == k_most_plans) break;
      const auto told = room_.gateways.compare(offer.gateway, offer.promise);
      const bool fits = told && told->empty();
      ok = ok && fits;
      out.push_back(Object()
                        .text("gateway", offer.gateway)
                        .text("plan", offer.plan)
                        .text("cycle", offer.cycle)
                        .text("currency", offer.promise.price.currency)
                        .text("product_ref", offer.promise.product_ref)
                        .put("ok", Value::boolean(fits))
                        .text("detail", !told ? told.error().code : joined(*told))
                        .done());
    }
    plans = Value::list(std::move(out));
    return ok;
  }

  // The base and the secret are what the installation says about an adapter of the provider's name.
  fulfillment::ProviderAccess access_to(const Value& config) const {
    const auto settings = room_.declared.settings_of(config.text_at("provider"));
    return {settings.base,
            http::secret_reference(settings, std::string(config.text_at("credentials_ref")))};
  }

  CatalogRoom& room_;
  catalog::Catalog& catalog_;
};

}  // namespace

CatalogRoom::CatalogRoom(catalog::CatalogStore& store,
                         const ports::Clock& clock,
                         const payments::PaymentsAdapter& payments_adapter,
                         DeclaredAdapters& files,
                         fulfillment::ConnectionTools tools)
    : gateways(payments_adapter),
      declared(files),
      connection(tools),
      products(store, clock, payments::known_gateways()),
      coupons(products, clock),
      tax(products),
      quoter({products,
              [this](std::string_view name) { return pricing_adapter(name); },
              payments_adapter.gateway_names()}),
      plans(products, quoter) {}

ports::Adapter* CatalogRoom::pricing_adapter(std::string_view name) {
  if (declared.is_declared(name)) return declared.find(name);
  if (name == coupons.name()) return &coupons;
  return name == tax.name() ? &tax : nullptr;
}

std::vector<ports::Adapter*> CatalogRoom::adapters() {
  std::vector<ports::Adapter*> builtin = {&coupons, &tax, &plans};
  std::erase_if(builtin, [this](const auto* one) { return declared.is_declared(one->name()); });
  return builtin;
}

std::unique_ptr<handlers::CatalogDoor> catalog_door(CatalogRoom& room) {
  return std::make_unique<OpenCatalog>(room);
}

Result<void> check_catalog(const std::vector<Value>& documents) {
  catalog::MemoryCatalogStore nothing;
  const system::SystemClock clock;
  catalog::Catalog catalog(nothing, clock, payments::known_gateways());
  const auto applied = catalog.apply("", {documents, true, "", std::nullopt});
  if (!applied) return Failure(applied.error());
  return {};
}

}  // namespace vozex::program

// SPDX-License-Identifier: Apache-2.0
#include "api/handlers/catalog.h"

#include <charconv>

#include "api/handlers/body.h"
#include "api/handlers/idempotency.h"

namespace vozex::handlers {
namespace {

using types::Value;

constexpr std::size_t k_max_catalog_bytes = 8u << 20;

struct Kind {
  const char* word;
  const char* path;
};
constexpr Kind k_kinds[] = {
    {"product", "/v1/products"}, {"coupon", "/v1/coupons"}, {"tax", "/v1/taxes"}};

http::Response missing(const Kind& kind, std::string_view id) {
  return http::problem(Error{
      ErrorClass::not_found,
      "catalog_entry_not_found",
      "There is no " + std::string(kind.word) + " \"" + std::string(id) + "\" in the catalogue.",
      {}});
}

std::string etag_of(const Value& revision) {
  return "\"" + std::to_string(revision.as_integer()) + "\"";
}

http::Response entry_answer(unsigned status, const Value& entry) {
  http::Response response = answer(status, entry);
  response.headers.emplace_back("etag", etag_of(*entry.find("revision")));
  return response;
}

http::Response list(const CatalogServices& with, const Kind& kind, const http::Request& request) {
  const auto limit = page_limit(request);
  if (!limit) return limit.error();
  const auto items =
      with.catalog->list(kind.word, request.query_value("after").value_or(""), *limit);
  if (!items) return http::problem(items.error());
  Object page;
  page.put("items", *items);
  if (items->as_list().size() == *limit) page.text("next", items->as_list().back().text_at("id"));
  return answer(200, page.done());
}

http::Response get(const CatalogServices& with, const Kind& kind, const http::Request& request) {
  const std::string id(request.parameter("id"));
  const auto entry = with.catalog->get(kind.word, id);
  if (!entry) return http::problem(entry.error());
  return entry->is_null() ? missing(kind, id) : entry_answer(200, *entry);
}

// If-Match: "3" is the revision that the author saw; "0": none.
Asked<std::optional<std::uint64_t>> seen_revision(const http::Request& request) {
  std::string_view text = request.header("if-match");
  if (text.empty()) return std::nullopt;
  if (text.size() > 2 && text.front() == '"' && text.back() == '"')
    text = text.substr(1, text.size() - 2);
  std::uint64_t revision = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), revision);
  if (read.ec == std::errc() && read.ptr == text.data() + text.size()) return revision;
  return Refusal(http::problem(422,
                               "invalid_if_match",
                               "The header If-Match is not valid",
                               "Expected the revision that you saw, such as \"3\"."));
}

// The places of a single document are those of the body.
Error without_number(Error error) {
  constexpr std::string_view k_first = "/documents/0";
  for (ErrorDetail& detail : error.details) {
    if (detail.name.starts_with(k_first)) detail.name.erase(0, k_first.size());
  }
  return error;
}

http::Response put(const CatalogServices& with, const Kind& kind, const http::Request& request) {
  const std::string id(request.parameter("id"));
  auto document = json_body(request);
  if (!document) return document.error();
  const auto revision = seen_revision(request);
  if (!revision) return revision.error();
  if (!document->is_map() || document->text_at(kind.word) != id) {
    return invalid_body(
        {{std::string("/") + kind.word, "expected \"" + id + "\", as in the path"}});
  }
  CatalogOrder order;
  order.documents = {*std::move(document)};
  order.by = request.caller;
  order.revision = *revision;
  const auto applied = with.catalog->apply(order);
  if (!applied) return http::problem(without_number(applied.error()));
  const bool created = applied->as_list().front().text_at("change") == "created";
  const auto entry = with.catalog->get(kind.word, id);
  if (!entry) return http::problem(entry.error());
  return entry->is_null() ? missing(kind, id) : entry_answer(created ? 201 : 200, *entry);
}

http::Response test_connection(const CatalogServices& with, const http::Request& request) {
  const std::string id(request.parameter("id"));
  const auto tested = with.catalog->test_connection(id);
  if (!tested) return http::problem(tested.error());
  return tested->is_null() ? missing(k_kinds[0], id) : answer(200, *tested);
}

http::Response apply(const CatalogServices& with, const http::Request& request) {
  static const types::TypeRef k_body = body_type(
      {{"documents", "list<json>"}, {"dry_run", "optional<bool>"}, {"reason", "optional<string>"}});
  const auto body = json_body(request, *k_body);
  if (!body) return body.error();
  CatalogOrder order;
  order.documents = body->find("documents")->as_list();
  const Value* dry_run = body->find("dry_run");
  order.dry_run = dry_run != nullptr && dry_run->as_boolean();
  order.by = request.caller;
  const auto applied = with.catalog->apply(order);
  if (!applied) return http::problem(applied.error());
  return answer(
      200, Object().put("dry_run", Value::boolean(order.dry_run)).put("items", *applied).done());
}

}  // namespace

void add_catalog(http::Router& router, const CatalogServices& with) {
  Workers& workers = *with.services->workers;
  for (const Kind& kind : k_kinds) {
    const auto on_worker = [&](auto handle) {
      return blocking(workers, [&with, &kind, handle](const http::Request& request) {
        return handle(with, kind, request);
      });
    };
    const std::string one = std::string(kind.path) + "/{id}";
    router.add(
        {"GET", kind.path, on_worker(list), false, http::k_default_body_limit, {"after", "limit"}});
    router.add({"GET", one, on_worker(get), false, http::k_default_body_limit});
    router.add({"PUT",
                one,
                once_at_a_time(with.services->in_flight, on_worker(put)),
                false,
                http::k_default_body_limit});
  }
  router.add(
      {"POST",
       "/v1/products/{id}/test-connection",
       blocking(workers,
                [&with](const http::Request& request) { return test_connection(with, request); }),
       false,
       http::k_default_body_limit});
  router.add({"POST",
              "/v1/catalog",
              once_at_a_time(
                  with.services->in_flight,
                  blocking(workers,
                           [&with](const http::Request& request) { return apply(with, request); })),
              false,
              k_max_catalog_bytes});
}

}  // namespace vozex::handlers

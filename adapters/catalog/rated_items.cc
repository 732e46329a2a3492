// SPDX-License-Identifier: Apache-2.0
#include "adapters/catalog/rated_items.h"

#include "adapters/catalog/money.h"

namespace vozex::catalog {

using types::Kind;
using types::Value;

ports::CallError rating_error(std::string code, std::string message) {
  ports::CallError error;
  error.retryable = code == "unavailable";
  error.code = std::move(code);
  error.message = std::move(message);
  return error;
}

tl::expected<std::vector<RatedItem>, ports::CallError> read_items(const Value& input) {
  std::vector<RatedItem> items;
  const Value* given = input.find("items");
  if (given == nullptr || !given->is_list())
    return tl::unexpected(rating_error("invalid_input", "expected a list of items"));
  for (const Value& one : given->as_list()) {
    const Value* item = one.find("item");
    const Value* minor = one.find("minor");
    if (item == nullptr || item->kind() != Kind::integer || minor == nullptr ||
        minor->kind() != Kind::integer || minor->as_integer() < 0 ||
        minor->as_integer() > k_max_amount) {
      return tl::unexpected(
          rating_error("invalid_input", "expected items with a number and an amount of 0 or more"));
    }
    items.push_back(
        {item->as_integer(), std::string(one.text_at("product_id")), minor->as_integer()});
  }
  return items;
}

tl::expected<std::optional<Value>, ports::CallError> active_document(Catalog& catalog,
                                                                     std::string_view tenant,
                                                                     const EntryId& id) {
  const auto entry = catalog.get(tenant, id);
  if (!entry) return tl::unexpected(rating_error("unavailable", entry.error().message));
  if (!*entry || (*entry)->status != "active") return std::nullopt;
  auto document = document_of(**entry);
  if (!document) return tl::unexpected(rating_error("internal", document.error().message));
  return *std::move(document);
}

}  // namespace vozex::catalog

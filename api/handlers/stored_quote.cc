// SPDX-License-Identifier: Apache-2.0
#include "api/handlers/stored_quote.h"

#include "engine/types/json.h"

namespace vozex::handlers {

using types::Value;

Result<std::optional<StoredQuote>> find_quote(const Services& services, const std::string& id) {
  auto view = services.engine->find(k_tenant, k_quote_workflow, id);
  if (!view) return Failure(view.error());
  if (!*view) return std::nullopt;
  auto input = types::parse_json((*view)->row.input);
  auto data = types::parse_json((*view)->row.data);
  if (!input || !data) {
    return fail(ErrorClass::corrupt, "quote_corrupt", "The quote " + id + " is not readable.");
  }
  return StoredQuote{**std::move(view), *std::move(input), *std::move(data)};
}

http::Response no_quote(const std::string& id) {
  return http::problem(
      Error{ErrorClass::not_found, "quote_not_found", "There is no quote \"" + id + "\".", {}});
}

const Value& accepted_of(const StoredQuote& quote) {
  static const Value k_nothing;
  const Value* accepted = quote.data.find("accepted");
  return accepted == nullptr ? k_nothing : *accepted;
}

Value shown(const StoredQuote& quote) {
  const Value& accepted = accepted_of(quote);
  Object object;
  object.text("quote_id", quote.view.row.key)
      .text("status", quote.view.row.status)
      .text("instance", quote.view.row.id.text())
      .put("expires_at", *quote.input.find("expires_at"));
  if (accepted.is_map())
    object.text("order_id", accepted.text_at("order_id"))
        .text("gateway", accepted.text_at("gateway"));
  Value value = object.done();
  for (const auto& [name, member] : quote.input.find("priced")->as_map())
    value = value.with(name.as_string(), member);
  return value;
}

}  // namespace vozex::handlers

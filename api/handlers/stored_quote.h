// SPDX-License-Identifier: Apache-2.0
//
// A quote that is kept: an instance of the workflow `quote`, read for answers. Thread rule: any
// thread; find_quote asks the engine and may block.
#pragma once

#include <optional>
#include <string>

#include "api/handlers/body.h"
#include "api/handlers/services.h"

namespace vozex::handlers {

inline constexpr const char* k_quote_workflow = "quote";
inline constexpr std::string_view k_quote_prefix = "quo_";  // of its id

struct StoredQuote {
  runtime::InstanceView view;
  types::Value input;
  types::Value data;
};

// Error quote_corrupt.
Result<std::optional<StoredQuote>> find_quote(const Services& services, const std::string& id);

http::Response no_quote(const std::string& id);

// What it was accepted with: {order_id, gateway, customer, items}; null before.
const types::Value& accepted_of(const StoredQuote& quote);

// {quote_id, status, expires_at, order_id?, gateway?, items, totals, ...}
types::Value shown(const StoredQuote& quote);

}  // namespace vozex::handlers

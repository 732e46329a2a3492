// SPDX-License-Identifier: Apache-2.0
#include "api/cli/gateway_options.h"

#include <set>

namespace vozex::cli {
namespace {

using types::Value;

bool is_list(const std::string& setting) {
  return setting == "webhook_secrets" || setting == "webhook_ids";
}

Value map_or_empty(const Value* value) {
  return value != nullptr && value->is_map() ? *value : Value::map({});
}

}  // namespace

Result<Value> with_gateways(Value gateways, const std::vector<std::string>& given) {
  std::set<std::string> lists;  // those begun here: what the file says is replaced, not added to
  for (const std::string& text : given) {
    const auto equals = text.find('=');
    const auto dot = text.find('.');
    if (equals == std::string::npos || dot == 0 || dot >= equals || dot + 1 == equals) {
      return fail(ErrorClass::invalid,
                  "invalid_argument",
                  "--gateway: expected NAME.SETTING=VALUE like stripe.api_key=env:STRIPE_KEY, got "
                  "\"" +
                      text + "\".");
    }
    if (!gateways.is_map()) gateways = Value::map({});
    const std::string name = text.substr(0, dot);
    const std::string setting = text.substr(dot + 1, equals - dot - 1);
    const Value value = Value::string(text.substr(equals + 1));
    Value gateway = map_or_empty(gateways.find(name));
    if (is_list(setting)) {
      const Value* before = gateway.find(setting);
      const bool begun = !lists.insert(text.substr(0, equals)).second;
      Value::List values =
          begun && before != nullptr && before->is_list() ? before->as_list() : Value::List{};
      values.push_back(value);
      gateway = gateway.with(setting, Value::list(std::move(values)));
    } else {
      gateway = gateway.with(setting, value);
    }
    gateways = gateways.with(name, gateway);
  }
  return gateways;
}

}  // namespace vozex::cli

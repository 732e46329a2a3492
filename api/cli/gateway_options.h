// SPDX-License-Identifier: Apache-2.0
//
// `--gateway stripe.api_key=env:STRIPE_KEY`: settings of payment gateways on the command line, over
// those of the configuration file. What gateways there are, and what they take, is known to
// adapters/payments. Thread rule: pure.
#pragma once

#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/types/value.h"

namespace vozex::cli {

// Each text is NAME.SETTING=VALUE. Settings that are lists (webhook_secrets, webhook_ids) gather
// the values that are given for them. Error invalid_argument.
Result<types::Value> with_gateways(types::Value gateways, const std::vector<std::string>& given);

}  // namespace vozex::cli

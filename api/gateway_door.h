// SPDX-License-Identifier: Apache-2.0
//
// The door of api/handlers/gateways.h, opened onto the adapter. Thread rule: any thread.
#pragma once

#include <memory>

#include "adapters/payments/payments_adapter.h"
#include "api/handlers/gateways.h"

namespace vozex::program {

// `payments` must outlive it.
std::unique_ptr<handlers::GatewayDoor> gateway_door(const payments::PaymentsAdapter& payments);

}  // namespace vozex::program

// SPDX-License-Identifier: Apache-2.0
//
// Payment gateways for ops: GET /v1/gateways lists those that are configured, POST
// /v1/gateways/{name}/test asks one of them something harmless with the configured key and says in
// plain words what is wrong. What is counted of each joins /metrics. Contract: docs/gateways.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/handlers/services.h"
#include "api/http/router.h"

namespace vozex::handlers {

struct GatewayConnection {
  bool ok = false;
  std::string code;
  std::string message;
  std::string hint;
};

// Opened onto the adapter by the composition. Takes any thread.
class GatewayDoor {
 public:
  virtual ~GatewayDoor() = default;
  virtual std::vector<std::string> names() const = 0;
  // May block for ten seconds. Error not_found: no such gateway.
  virtual Result<GatewayConnection> test(std::string_view name) const = 0;
  // Prometheus' text format 0.0.4.
  virtual std::string metrics() const = 0;
};

// Both must outlive the router.
void add_gateways(http::Router& router, const Services& services, const GatewayDoor& door);

// Adds what `door` counts to the answer of GET /metrics, which `router` has already.
void add_gateway_metrics(http::Router& router, const GatewayDoor& door);

}  // namespace vozex::handlers

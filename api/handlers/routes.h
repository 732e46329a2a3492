// SPDX-License-Identifier: Apache-2.0
//
// The resources of the API: each function declares the routes of one file. `services` outlives the
// router.
#pragma once

#include <string>
#include <vector>

#include "api/handlers/metrics.h"
#include "api/handlers/services.h"
#include "api/http/router.h"

namespace vozex::handlers {

void add_checkouts(http::Router& router, const Services& services);
void add_events(http::Router& router, const Services& services);
void add_instances(http::Router& router, const Services& services);
void add_instance_orders(http::Router& router, const Services& services);
void add_instance_mending(http::Router& router, const Services& services);
void add_tasks(http::Router& router, const Services& services);
void add_workflows(http::Router& router, const Services& services);
void add_calls(http::Router& router, const Services& services);
void add_webhooks(http::Router& router, const Services& services);
void add_downloads(http::Router& router, const Services& services);
void add_license_key(http::Router& router, const Services& services);
void add_health(http::Router& router, const Services& services, Metrics& metrics);

// GET `pattern` for who has a key, answered on a worker; `query` names its parameters.
void add_read(http::Router& router,
              const Services& services,
              const char* pattern,
              http::Response (*handle)(const Services&, const http::Request&),
              std::vector<std::string> query = {});

// All of them.
http::Router make_router(const Services& services, Metrics& metrics);

}  // namespace vozex::handlers

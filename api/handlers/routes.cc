// SPDX-License-Identifier: Apache-2.0
#include "api/handlers/routes.h"

#include "api/handlers/documents.h"

namespace vozex::handlers {

void add_read(http::Router& router,
              const Services& services,
              const char* pattern,
              http::Response (*handle)(const Services&, const http::Request&),
              std::vector<std::string> query) {
  router.add({"GET",
              pattern,
              blocking(*services.workers,
                       [&services, handle](const http::Request& request) {
                         return handle(services, request);
                       }),
              false,
              http::k_default_body_limit,
              std::move(query)});
}

http::Router make_router(const Services& services, Metrics& metrics) {
  http::Router router;
  add_checkouts(router, services);
  add_events(router, services);
  add_instances(router, services);
  add_instance_orders(router, services);
  add_instance_mending(router, services);
  add_tasks(router, services);
  add_workflows(router, services);
  add_calls(router, services);
  add_webhooks(router, services);
  add_downloads(router, services);
  add_license_key(router, services);
  add_documents(router);
  add_health(router, services, metrics);
  return router;
}

}  // namespace vozex::handlers

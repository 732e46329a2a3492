// SPDX-License-Identifier: Apache-2.0
// /healthz: the process runs. /readyz: it can do its work. /metrics: how it does.
#include "api/handlers/body.h"
#include "api/handlers/routes.h"

namespace vozex::handlers {
namespace {

http::Response ready(const Services& services) {
  const auto stats = services.engine->stats();
  const auto ping = services.queries->ping();
  Object checks;
  // A full disk can be read, so the ping alone would say that all is well; and a heartbeat may
  // still find room where no event does.
  checks.text("store", ping ? "ok" : ping.error().message)
      .text("intake", stats.refusal.empty() ? "ok" : stats.refusal)
      .text("session", stats.session_ok ? "ok" : "no heartbeat could be written for a while");
  // For information: an open breaker is somebody else's outage, and no reason to take this process
  // out of service.
  Object adapters;
  for (const auto& adapter : stats.adapters) adapters.text(adapter.name.c_str(), adapter.breaker);
  const bool ok = ping && stats.refusal.empty() && stats.session_ok;
  http::Response response = answer(ok ? 200 : 503,
                                   Object()
                                       .text("status", ok ? "ready" : "not_ready")
                                       .put("checks", checks.done())
                                       .put("adapters", adapters.done())
                                       .done());
  if (!ok) response.headers.emplace_back("retry-after", "1");
  return response;
}

}  // namespace

void add_health(http::Router& router, const Services& services, Metrics& metrics) {
  router.add({"GET",
              "/healthz",
              [](const http::Request&, const http::Responder& respond) {
                respond(http::Response::text(200, "ok\n"));
              },
              true,
              http::k_default_body_limit});
  router.add(
      {"GET",
       "/readyz",
       blocking(*services.workers, [&services](const http::Request&) { return ready(services); }),
       true,
       http::k_default_body_limit});
  router.add({"GET",
              "/metrics",
              blocking(*services.workers,
                       [&services, &metrics](const http::Request&) {
                         const auto parked = services.queries->parked_count();
                         const auto tasks = services.inbox->task_counts(
                             k_tenant, services.engine->database_time());
                         http::Response response = http::Response::text(
                             200,
                             metrics.text(services.engine->stats(),
                                          parked ? static_cast<std::int64_t>(*parked) : -1,
                                          tasks ? *tasks : std::vector<ports::TaskCount>(),
                                          services.changes->followers()));
                         response.headers[0].second = "text/plain; version=0.0.4; charset=utf-8";
                         return response;
                       }),
              true,
              http::k_default_body_limit});
}

}  // namespace vozex::handlers

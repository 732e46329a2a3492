// SPDX-License-Identifier: Apache-2.0
// GET /.well-known/license-key: the public key with which anybody verifies a licence document,
// without us.
#include "api/handlers/routes.h"

namespace vozex::handlers {

void add_license_key(http::Router& router, const Services& services) {
  if (services.license_key.empty()) return;
  router.add({"GET",
              "/.well-known/license-key",
              [&services](const http::Request&, const http::Responder& respond) {
                http::Response response = http::Response::json(200, services.license_key);
                response.headers.emplace_back("cache-control", "public, max-age=3600");
                respond(std::move(response));
              },
              true,
              http::k_default_body_limit});
}

}  // namespace vozex::handlers

// SPDX-License-Identifier: Apache-2.0
//
// /v1/incidents: what can't go on, grouped by fingerprint (code, workflow, state). Contract:
// docs/operations.md.
#pragma once

#include "api/handlers/services.h"
#include "api/http/router.h"

namespace vozex::handlers {

void add_incidents(http::Router& router, const Services& services);

}  // namespace vozex::handlers

// SPDX-License-Identifier: Apache-2.0
//
// /v1/batches: bulk operations of ops. A plan counts and writes nothing; a batch is durable and
// runs in the servers. Contract: docs/operations.md.
#pragma once

#include "api/handlers/services.h"
#include "api/http/router.h"
#include "engine/ports/batches.h"
#include "engine/runtime/ops/bulk_driver.h"

namespace vozex::handlers {

struct BatchServices {
  const Services* services = nullptr;
  ports::BatchStore* batches = nullptr;
  runtime::BulkDriver* driver = nullptr;
};

// `with` outlives the router.
void add_batches(http::Router& router, const BatchServices& with);

}  // namespace vozex::handlers

// SPDX-License-Identifier: Apache-2.0
//
// Pages about codes, for people with a browser: HTML, without a key. Thread rule: any thread.
// Tests: tests/api/problem_test.cc.
#pragma once

#include "api/http/router.h"

namespace vozex::handlers {

// GET /docs/problems: docs/problems.md, where `type` of a problem leads, with a place for each
// code. GET /docs/errors/{code}: what a mistake in a workflow means.
void add_documents(http::Router& router);

}  // namespace vozex::handlers

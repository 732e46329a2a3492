// SPDX-License-Identifier: Apache-2.0
//
// Runs a folder of payment data: `<gateway>.json` with signature vectors ({"vectors": [{name,
// secret, headers, body, now, expected: accept | reject}]}), and `payloads/<gateway>/*.json` with
// whole webhook bodies under `body`. Each vector is verified, what is accepted and each payload is
// normalised. `standard_webhooks.json` is checked against adapters/http; every other file goes to
// the gateway of its name. A gateway that is registered in adapters/payments/registry.cc is found
// by that name alone; one that isn't counts as not expressible, vector by vector.
#pragma once

#include <string>

#include "tests/conformance/report.h"

namespace vozex::conformance {

void run_payments(const std::string& folder, Report& report);

}  // namespace vozex::conformance

// SPDX-License-Identifier: Apache-2.0
//
// What a connection is opened with: the URL's own parameters, and for what it leaves open, ours:
// time-outs for connecting, for a silent peer, for statements, locks and idle transactions. A
// stopped process must not keep rows from others, and a stopped server must not keep us. Pure.
#pragma once

#include <map>
#include <string>

#include "adapters/postgres/connection.h"
#include "engine/base/result.h"

namespace vozex::postgres {

// libpq keywords and values. Class invalid `store_url` when the URL can't be read.
Result<std::map<std::string, std::string>> connection_settings(const std::string& url,
                                                               Profile profile);

}  // namespace vozex::postgres

// SPDX-License-Identifier: Apache-2.0
//
// What is asked of Dodo, read with its limits (20 items; 50 pairs of metadata, keys of 40 and
// values of 500 characters, no objects). An error is the answer to send. Thread rule: pure.
#pragma once

#include <functional>

#include <tl/expected.hpp>

#include "api/sandbox/http.h"
#include "api/sandbox/world/world.h"

namespace vozex::sandbox {

// One of a listed product.
using LineOf = std::function<Line(const std::string& product)>;

tl::expected<Session, Outgoing> read_dodo_checkout(const json& body, const LineOf& line_of);
tl::expected<RefundAsk, Outgoing> read_dodo_refund(const json& body);

}  // namespace vozex::sandbox

// SPDX-License-Identifier: Apache-2.0
//
// What is wrong with a request before its body is read: said once, for every route. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/http/message.h"

namespace vozex::http {

// 400 `malformed_target`: a path that is none, or no UTF-8, or has U+0000. 501
// `unknown_transfer_coding`: framing that isn't read here could hide a second request from a proxy.
// 415 `unsupported_encoding`: a body is read as it comes. 400 `malformed_head`: HTTP/1.1 (`version`
// 11) without a Host or with two, and more than one Authorization, of which a proxy may have seen
// another one.
std::optional<Response> fault_of_head(const Request& request, unsigned version);

// 422 `invalid_query`: a parameter that is malformed, stands twice, or isn't one of `known`. What
// is misspelt would otherwise ask for more than was meant.
std::optional<Response> fault_of_query(const Request& request,
                                       const std::vector<std::string>& known);

}  // namespace vozex::http

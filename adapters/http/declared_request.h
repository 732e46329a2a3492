// SPDX-License-Identifier: Apache-2.0
//
// A declared operation and a call's input -> the request, without what is secret. Values can't
// leave their place: in paths, queries and forms they are percent-encoded, in headers control
// characters are refused, and no value of a path may be empty or lead elsewhere (`.`, `..`). Thread
// rule: pure. Tests: tests/unit/http/declared_request_test.cc.
#pragma once

#include "adapters/http/http_client.h"
#include "engine/machine/http_operation.h"
#include "engine/ports/adapter.h"

namespace vozex::http {

inline constexpr std::size_t k_max_url_bytes = 8u << 10;
inline constexpr std::size_t k_max_header_bytes = 8u << 10;
inline constexpr std::size_t k_max_request_body = 4u << 20;

// Error invalid_input: the input gives no request. `base` is without a slash at its end.
tl::expected<HttpRequest, ports::CallError> build_request(const machine::OperationDecl& operation,
                                                          const ports::CallRequest& call,
                                                          const std::string& base);

}  // namespace vozex::http

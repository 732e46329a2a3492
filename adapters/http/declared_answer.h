// SPDX-License-Identifier: Apache-2.0
//
// A response -> what the call gives, by the operation's `answers` and the defaults of
// docs/language/adapters.md. Thread rule: pure. Tests: tests/unit/http/declared_adapter_test.cc.
#pragma once

#include "adapters/http/call_errors.h"
#include "adapters/http/http_client.h"
#include "engine/machine/http_operation.h"

namespace vozex::http {

// Whether what was sent may be sent again without harm because it changes nothing. What is `safe`
// or `by_key` changes something all the same: the engine decides about its repetition.
Effect effect_of(const machine::OperationDecl& operation);

// `now` turns a Retry-After date into a span.
ports::CallReply read_answer(const machine::OperationDecl& operation,
                             const types::Value& input,
                             const HttpResponse& response,
                             Timestamp now);

}  // namespace vozex::http

// SPDX-License-Identifier: Apache-2.0
//
// Errors as people and programs outside see them: application/problem+json (RFC 9457). This is the
// only place that turns an Error into an HTTP status and a public text.
#pragma once

#include <string>
#include <string_view>

#include "api/http/message.h"
#include "engine/base/result.h"
#include "engine/types/value.h"

namespace vozex::http {

// {type: "/docs/problems#<code>", title, status, detail, code, errors?: [{pointer, detail}]}
Response problem(const Error& error);
// The same with further members; `extra` is a map, its names not among those above.
Response problem(const Error& error, const types::Value& extra);
Response problem(unsigned status,
                 std::string_view code,
                 std::string_view title,
                 std::string_view detail);

unsigned status_of(const Error& error);
// Of an error's details only those that name a place in the request are for the world. Others (a
// statement, a line) are for logs, or stand in the sentence already.
bool is_pointer(std::string_view name);

}  // namespace vozex::http

// SPDX-License-Identifier: Apache-2.0
//
// Reading requests and building answers, the same way everywhere: a body has a declared type and is
// refused with a JSON pointer for each fault; an answer is a Value written as JSON. Thread rule:
// pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "api/http/message.h"
#include "api/http/problem.h"
#include "engine/base/ids.h"
#include "engine/machine/event.h"
#include "engine/types/object.h"
#include "engine/types/type.h"
#include "engine/types/validate.h"

namespace vozex::handlers {

// What was asked for, or the answer that says what is wrong with it.
template <class T>
using Asked = tl::expected<T, http::Response>;
using Refusal = tl::unexpected<http::Response>;

inline constexpr std::size_t k_max_page = 200;
inline constexpr std::size_t k_default_page = 50;

// The media type in lower case, without parameters.
std::string media_type(const http::Request& request);

// The texts and names in it that no store can keep, with their places: with U+0000, or no UTF-8.
std::vector<types::Fault> unkept_texts(const types::Value& value);
// JSON from outside: 400 with line and column when malformed, 422 for texts that no store can keep.
Asked<types::Value> json_text(std::string_view text);
// The body as JSON: 415 unless it says so, 400 with line and column when malformed. An empty body
// is an empty map.
Asked<types::Value> json_body(const http::Request& request);
// The same, checked: 422 with a pointer for each fault; members that nobody declared are faults.
Asked<types::Value> json_body(const http::Request& request, const types::Type& type);

// 422 `invalid_body` with these faults.
http::Response invalid_body(const std::vector<types::Fault>& faults);

// 422 `invalid_query`: the sentence says what was expected and what came.
Refusal bad_query(std::string_view sentence);

// A type as the language writes it, for bodies: {{"name", "string"}, {"note", "optional<string>"}}.
types::TypeRef body_type(std::initializer_list<std::pair<const char*, const char*>> fields);

http::Response answer(unsigned status, const types::Value& value);

// The path parameter as an instance id; 404 when it is none.
Asked<InstanceId> instance_id(const http::Request& request);
// Query parameter `name` as true or false (absent: false); 422 when it is neither.
Asked<bool> query_flag(const http::Request& request, const char* name);
// Query parameter `name` as an instance id, all zeros when absent or empty; 422 when it is none.
Asked<InstanceId> query_id(const http::Request& request, const char* name);
// Query parameter `limit`, at most k_max_page; 422 when it is no number.
Asked<std::size_t> page_limit(const http::Request& request);

// Whoever sent the key, and what the client said about who acts: {id?, roles?}, default roles
// [ops].
machine::Actor actor_of(const http::Request& request, const types::Value* said);

using types::Object;

}  // namespace vozex::handlers

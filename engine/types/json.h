// SPDX-License-Identifier: Apache-2.0
//
// JSON text <-> Value. Canonical text: no spaces, object members sorted by code point, shortest
// round-trip numbers; equal values give equal bytes, which is what content hashes, etags and replay
// rely on. Kinds that JSON lacks are written as strings: timestamp RFC 3339, duration "3600s"
// (CEL's JSON mapping), bytes base64; uint as number; optional none as null; NaN and infinities as
// "NaN", "Infinity", "-Infinity". Reading gives int for integers that fit int64, else double; it
// never yields timestamps: validate() with a declared type turns strings into those.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/types/value.h"

namespace vozex::types {

struct JsonLimits {
  std::size_t max_bytes = 4u << 20;
  std::size_t max_depth = 64;
};

// Error `malformed_json` says line and column; duplicate members, invalid UTF-8 and trailing text
// are errors.
Result<Value> parse_json(std::string_view text, const JsonLimits& limits = {});

std::string to_json(const Value& value);
// Appends; the form for hot paths.
void append_json(std::string& out, const Value& value);
// Indented by two spaces, for people.
std::string to_pretty_json(const Value& value);
// `text` as a JSON string with its quotes.
void append_json_string(std::string& out, std::string_view text);

}  // namespace vozex::types

// SPDX-License-Identifier: Apache-2.0
//
// Result and Error: expected failures as values. Bugs are not errors: they go through VOZEX_ASSERT
// (assert.h) and abort. Exceptions end where a library's end, inside adapters. Thread rule: plain
// values.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace vozex {

// What a caller can do about a failure. Persisted in history: values are never reordered.
enum class ErrorClass : std::uint8_t {
  invalid = 1,          // the input is wrong; repeating it can't help
  not_found = 2,        // the thing named doesn't exist
  conflict = 3,         // the world has moved on: read again, then decide
  constraint = 4,       // a stored invariant refused it
  refused = 5,          // understood, and not allowed by the rules or in this state
  unavailable = 6,      // the other side can't be reached or is overloaded; nothing was done
  outcome_unknown = 7,  // it may or may not have been done: settle before anything is repeated
  corrupt = 8,          // stored bytes don't mean what they must
};

// `unavailable`, `conflict`, ... as spelled on the wire.
const char* to_string(ErrorClass kind);

// One further fact about an error: a JSON pointer, an expected value, a file name.
struct ErrorDetail {
  std::string name;
  std::string text;
};

// `code` is stable, lower_snake_case, and has a section in docs/problems.md; `message` is a
// sentence for the person who must act: what was expected, what came, where, and what to do next.
// Neither ever holds a secret.
struct Error {
  ErrorClass kind = ErrorClass::invalid;
  std::string code;
  std::string message;
  std::vector<ErrorDetail> details;
};

template <class T>
using Result = tl::expected<T, Error>;

using Failure = tl::unexpected<Error>;

inline Failure fail(ErrorClass kind, std::string code, std::string message) {
  return Failure(Error{kind, std::move(code), std::move(message), {}});
}

}  // namespace vozex

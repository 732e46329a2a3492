// SPDX-License-Identifier: Apache-2.0
//
// HttpOperation: how a declared operation is carried out over HTTP: the request as programs over
// `input`, the meaning of each answer as programs over `input` and `response`. Made by
// engine/language from `http:`, `request:` and `answers:` of an `adapter:` file, carried out by
// adapters/http/declared_adapter.h. Specification: docs/language/adapters.md. Thread rule:
// immutable once built. Tests: tests/unit/language, tests/unit/http.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/machine/machine.h"

namespace vozex::machine {

// {status: int, headers: map<string> with lower-case names, body: what the JSON says}. Behind the
// slots of a workflow: an operation sees this and k_slot_input only.
inline constexpr expr::Slot k_slot_response = k_slots;

// Secrets stand here by name only.
struct HttpAuth {
  enum class Kind : std::uint8_t { none, bearer, basic, header };
  Kind kind = Kind::none;
  std::string name;  // basic: the user; header: the header's name
  std::string secret;
};

// A literal, or a value that is percent-encoded.
struct PathPiece {
  std::string text;
  expr::ProgramRef value;  // null: `text`
};

// A scalar, an optional of one, or (query and form) a list of them.
struct HttpField {
  std::string name;
  expr::ProgramRef value;
};

struct HttpAnswer {
  int first = 0;  // statuses [first, last]
  int last = 0;
  expr::ProgramRef output;  // null: the body as it is
  std::string error;        // "": a success
  expr::ProgramRef message;
  bool retryable = false;
};

struct HttpOperation {
  std::string base;  // without a slash at its end; "": the installation names it
  HttpAuth auth;
  std::optional<Duration> timeout;
  std::string method;
  std::vector<PathPiece> path;  // begins with "/"
  std::vector<HttpField> query;
  std::vector<HttpField> headers;  // the adapter's, then the request's
  expr::ProgramRef body;           // null: none
  std::optional<std::vector<HttpField>> form;
  std::string idempotency_header;   // "": the key isn't sent
  std::vector<HttpAnswer> answers;  // the first that holds the status counts
  OperationRef asked;               // the operation that `ask` names
};

// The declared operation that calls of this machine mean by `adapter` and `operation`, one that is
// only asked included; null when the machine makes no such call or none that is declared as HTTP.
OperationRef find_http_operation(const Machine& machine,
                                 std::string_view adapter,
                                 std::string_view operation);

// Whether this machine calls an adapter of the name that is declared as HTTP.
bool calls_http_adapter(const Machine& machine, std::string_view adapter);

}  // namespace vozex::machine

// SPDX-License-Identifier: Apache-2.0
//
// `http:` of an `adapter:` file, and `request`, `idempotency_header` and `answers` of its
// operations -> machine/http_operation.h. Specification: docs/language/adapters.md. Tests:
// tests/unit/language/http_adapter_test.cc, tests/golden/diagnostics.
#pragma once

#include "engine/language/keys.h"
#include "engine/language/unit.h"
#include "engine/language/values.h"
#include "engine/machine/http_operation.h"

namespace vozex::language {

class HttpReader {
 public:
  // `adapter` are the file's top-level keys. Reads `http:`, if there is one.
  HttpReader(Document& document, Library& library, const Fields& adapter);

  bool declared() const { return declared_; }
  // What the keys of one operation say about HTTP. Its other keys have been read into `operation`.
  void read(const Fields& fields, machine::OperationDecl& operation);

 private:
  void read_head(const Fields& fields);
  void read_repeat(const Fields& fields, machine::OperationDecl& operation);

  Unit unit_;
  machine::HttpOperation head_;  // what all operations share
  bool declared_ = false;
};

// Operations that are asked stand in those that ask for them.
void link_asked(Adapter& adapter);

// ---- parts of it, one file each ----

void read_http_base(const Node& node, machine::HttpOperation& into, Report& report);
void read_http_auth(const Node& node,
                    const Span& owner,
                    machine::HttpOperation& into,
                    Report& report);
// `request`: method, path, query, headers, body, form. The unit's `input` is the operation's.
void read_http_request(Unit& unit,
                       const Node& node,
                       const Span& owner,
                       machine::HttpOperation& into);
void read_http_headers(Unit& unit,
                       const Node& map,
                       const Place& place,
                       machine::HttpOperation& into);
// Whether a header of this name can be declared; reports if not.
bool check_header_name(const Node& name, const std::string& text, Report& report);
void read_http_answers(Unit& unit,
                       const Node& map,
                       const machine::OperationDecl& operation,
                       machine::HttpOperation& into);

// compile_value() for a place without states.
expr::ProgramRef compile_http_value(Unit& unit,
                                    const Node& node,
                                    const Want& want,
                                    const Place& place);

}  // namespace vozex::language

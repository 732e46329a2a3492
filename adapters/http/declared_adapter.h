// SPDX-License-Identifier: Apache-2.0
//
// DeclaredAdapter: carries out the operations of an `adapter:` file with `http:`, as the file says,
// so that a provider needs no C++. A request is made of the call's input, sent once by HttpClient,
// and its answer read by the declaration and checked against the declared output. What may have
// been done is said to be unknown; secrets are looked up when a request is sent, and never appear
// in what comes back. Specification: docs/language/adapters.md. Thread rule: any thread; the parts
// given must outlive it. Tests: tests/unit/http/declared_*_test.cc, tests/api.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "adapters/http/http_client.h"
#include "engine/machine/http_operation.h"
#include "engine/ports/adapter.h"
#include "engine/ports/clock.h"

namespace vozex::http {

// What an installation says about one adapter.
struct DeclaredSettings {
  // Instead of the file's base; "": the file's. This one may be without TLS and on a private
  // network, as the operator meant it.
  std::string base;
  // Where a secret is, by its name in the file: a reference of ports::Secrets. Others are the
  // environment's VOZEX_SECRET_<NAME>: a file alone can't reach what was meant for somebody else.
  std::map<std::string, std::string, std::less<>> secrets;
};

// Beyond this an answer is cut off, and the call fails.
inline constexpr std::size_t k_max_declared_answer = 1u << 20;

// The declaration that a call means; null when there is none. Called by any thread.
using FindOperation = std::function<machine::OperationRef(const ports::CallRequest&)>;

class DeclaredAdapter final : public ports::Adapter {
 public:
  struct Surroundings {
    HttpClient& client;
    const ports::Secrets& secrets;
    const ports::Clock& clock;
  };
  DeclaredAdapter(std::string name,
                  FindOperation find,
                  DeclaredSettings settings,
                  const Surroundings& outside);

  std::string_view name() const override { return name_; }
  ports::CallReply call(const ports::CallRequest& request) override;

 private:
  ports::CallReply carry_out(const machine::OperationDecl& operation,
                             const ports::CallRequest& request,
                             int& status) const;

  const std::string name_;
  const FindOperation find_;
  const DeclaredSettings settings_;
  const Surroundings outside_;
};

// The reference under which ports::Secrets finds a secret that a file names.
std::string secret_reference(const DeclaredSettings& settings, const std::string& name);

}  // namespace vozex::http

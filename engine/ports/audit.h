// SPDX-License-Identifier: Apache-2.0
//
// AuditLog: what was asked for by hand, by whom and why, and what came of it. An entry is written
// before the thing is tried, so that nothing is done that the log doesn't know of, and gets its
// outcome once, afterwards; otherwise it never changes, and it is never removed (the databases
// refuse that, too). An entry without an outcome: the process ended in between, and the history of
// what it was about tells whether it was done. Implementations: adapters/sqlite, adapters/postgres;
// one suite: tests/store/audit_test.cc. Thread rule: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/base/time.h"

namespace vozex::ports {

// Ordered by time (UUID version 7).
using AuditId = Id<struct AuditTag>;

struct AuditOutcome {
  std::uint16_t status = 0;  // of the HTTP answer
  std::string code;          // of a refusal, else ""
  Timestamp at;

  bool operator==(const AuditOutcome&) const = default;
};

struct AuditEntry {
  AuditId id;
  std::string tenant;
  Timestamp at;
  std::string caller;  // whose key it came with
  std::string actor;   // the person who is said to act, or the caller
  std::string action;  // "instances.cancel"
  std::string target;  // what it was done to; "" when that is known only afterwards
  std::string reason;
  std::string remote;  // address of the peer
  std::string detail;  // JSON, or ""
  std::optional<AuditOutcome> outcome;

  bool operator==(const AuditEntry&) const = default;
};

struct AuditFilter {
  std::string tenant;
  std::string action;  // this, or those below it ("instances" is also "instances.cancel"); "" any
  std::string target;  // this, or those below it ("<id>" is also "<id>/pay_again"); "" any
  std::string actor;   // as actor or as caller; "" any
  std::optional<Timestamp> since;
  AuditId before;  // cursor: older than this; nil from the newest
};

class AuditLog {
 public:
  virtual ~AuditLog() = default;
  // Keeps an entry without its outcome. The same id again changes nothing.
  virtual Result<void> begin(const AuditEntry& entry) = 0;
  // The first outcome stays. `target` fills one that was not known; `detail` likewise.
  virtual Result<void> finish(const AuditId& id,
                              const AuditOutcome& outcome,
                              const std::string& target,
                              const std::string& detail) = 0;
  // Newest first.
  virtual Result<std::vector<AuditEntry>> entries(const AuditFilter& filter, std::size_t limit) = 0;
};

}  // namespace vozex::ports

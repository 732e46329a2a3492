// SPDX-License-Identifier: Apache-2.0
//
// Store: what the runtime needs from a database, as narrow interfaces over plain rows. One
// behaviour, three implementations (adapters/simulated, sqlite, postgres), one conformance suite
// (tests/store).
//
// Errors of all of them: class unavailable (nothing happened; try again), outcome_unknown
// (LaneStore::settle()), corrupt, constraint.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/ports/lane_store.h"
#include "engine/ports/query_store.h"
#include "engine/ports/rows.h"
#include "engine/ports/work_store.h"

namespace vozex::ports {

struct DefinitionRow {
  std::string workflow;
  std::uint32_t version = 0;
  std::string content_hash;
  std::string bundle;  // JSON: the source files it was compiled from
  Timestamp deployed_at;
};

class DefinitionStore {
 public:
  virtual ~DefinitionStore() = default;
  // All or none. Class conflict `version_changed` when a version exists with another hash; the same
  // again is fine.
  virtual Result<void> put(const std::vector<DefinitionRow>& rows) = 0;
  virtual Result<std::vector<DefinitionRow>> all() = 0;
};

// The whole. The references live as long as the store.
class Store {
 public:
  virtual ~Store() = default;
  virtual Result<std::unique_ptr<LaneStore>> open_lane() = 0;
  virtual DefinitionStore& definitions() = 0;
  virtual SessionStore& sessions() = 0;
  virtual WorkStore& work() = 0;
  virtual QueryStore& queries() = 0;
  virtual InboxStore& inbox() = 0;
};

}  // namespace vozex::ports

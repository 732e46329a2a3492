// SPDX-License-Identifier: Apache-2.0
//
// Witness: the half of the oracle that looks while it happens. It stands between the processes and
// the database and beside the wire to the adapters, keeps its own ledger of leases, and judges each
// act by the rows that are committed at that moment. It knows nothing of lanes, batches and call
// cores. Each violation is one line that begins with the rule's name.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/ports/adapter.h"
#include "engine/ports/lane_store.h"
#include "engine/ports/work_store.h"

namespace vozex::simulation {

struct World;

class Witness {
 public:
  explicit Witness(World& world) : world_(world) {}

  // ---- what processes tell ----
  void crashed(const std::string& process) { ++crashes_[process]; }
  std::uint64_t crashes_of(const std::string& process) const;
  // The process has passed on that nobody wants this call any more.
  void withdrawn(const SessionId& session, const CallId& id);
  // An attempt or a question leaves the process.
  void sent(const SessionId& session, const ports::CallRequest& request);

  // ---- what the database hears ----
  void committed(const std::string& process,
                 const ports::CommitRequest& request,
                 const ports::CommitReply& reply);
  void beaten(const SessionId& session);
  void inherited(const SessionId& heir, const ports::SessionStore::Inheritance& rows);
  void claimed(const SessionId& session, const std::vector<ports::CallRow>& rows);
  // A time that a process gives to the database as the present.
  void says_it_is(Timestamp now, const char* doing);

  void say(std::string violation);
  const std::vector<std::string>& violations() const { return violations_; }
  // "<workflow> <key>"
  std::string name_of(const InstanceId& id) const;

 private:
  struct Lease {
    SessionId owner;
    std::uint16_t attempt = 0;
    bool dead = false;
  };
  struct Sent {
    std::string key;
    std::string input;
    std::string operation;
    std::set<SessionId> by;
  };

  void apply(const ports::CallWrite& write);
  void look_at_history(const ports::Group& group);
  void look_at_keys(const ports::Group& group);
  void trace(const std::string& process,
             const ports::CommitRequest& request,
             const ports::CommitReply& reply);

  World& world_;
  std::map<std::string, std::uint64_t> crashes_;
  std::map<CallId, Lease> leases_;
  std::map<CallId, Sent> sent_;
  std::map<std::string, CallId> keys_;
  std::set<std::pair<SessionId, CallId>> withdrawn_;
  std::set<CallId> perhaps_sent_;
  std::set<SessionId> buried_;
  std::set<Etag> applied_;
  std::set<std::pair<InstanceId, std::uint32_t>> history_;
  std::vector<std::string> violations_;
};

}  // namespace vozex::simulation

// SPDX-License-Identifier: Apache-2.0
//
// Kinds of runs: which workflows there are, who sends what, and what must have come of it when
// everything has come to rest. One file each: shop.cc, family.cc, trip.cc, diary.cc.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapters/simulated/tables.h"
#include "tests/simulation/clients.h"

namespace vozex::simulation {

class Kind {
 public:
  virtual ~Kind() = default;
  virtual std::vector<std::string> files() const = 0;
  // Files of later versions, deployed some time into the run.
  virtual std::vector<std::string> later_files() const { return {}; }
  // Processes run batches of ops.
  virtual bool runs_batches() const { return false; }
  virtual void plan(World& world, Clients& clients) = 0;
  // Something is still to come that no row tells of.
  virtual bool is_waiting(const simulated::Tables&) const { return false; }
  // It is no fault that such an instance never ends.
  virtual bool stays_open(const ports::InstanceRow&) const { return false; }
  // Nor that such a message was refused.
  virtual bool may_be_refused(const std::string& /*id*/, const Error& /*error*/) const {
    return false;
  }
  // Each violation is one line that begins with the rule's name.
  virtual void judge(const World& world,
                     const Clients& clients,
                     const simulated::Tables& tables,
                     std::vector<std::string>& violations) const = 0;
};

const std::vector<std::string>& kind_names();
// nullptr: there is none.
std::unique_ptr<Kind> make_kind(const std::string& name);

// A fan-out of `children`, for a run without faults.
std::unique_ptr<Kind> make_large_family(int children);

}  // namespace vozex::simulation

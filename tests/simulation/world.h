// SPDX-License-Identifier: Apache-2.0
//
// World: all that one run has in common: time, dice, faults, the database, the outside, what the
// oracle remembers, and the trace. Everything random comes from one seed.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/machine/event.h"
#include "engine/runtime/definitions/definitions.h"
#include "tests/simulation/agenda.h"
#include "tests/simulation/database.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/outside.h"
#include "tests/simulation/watched_batches.h"
#include "tests/simulation/witness.h"

namespace vozex::simulation {

struct World {
  explicit World(std::uint64_t seed)
      : dice(seed), witness(*this), database(*this), outside(*this), batches(*this) {}
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // A line of the trace, when there is one.
  void note(std::string_view who, std::string_view text);

  Agenda agenda;
  Dice dice;
  Faults faults;
  runtime::DefinitionsRef definitions;  // as deployed
  Witness witness;
  Database database;
  Outside outside;
  WatchedBatches batches;
  bool runs_batches = false;  // else no process looks for them

  // Events as they were sent, by source and id.
  std::map<std::pair<std::string, std::string>, machine::Event> sent;
  // Ends of calls as processes offered them to their lanes, by "<call>#<attempt>".
  std::map<std::string, machine::CallEnded> ended;

  std::uint64_t crashes = 0;
  std::uint64_t freezes = 0;
  std::uint64_t jumps = 0;
  std::uint64_t database_jumps = 0;
  std::uint64_t lost_sessions = 0;
  std::uint64_t takeovers = 0;
  std::uint64_t unknown_commits = 0;
  Timestamp calm_from{};  // nothing goes wrong any more

  bool tracing = false;
  std::string trace;
};

}  // namespace vozex::simulation

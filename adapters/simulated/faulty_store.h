// SPDX-License-Identifier: Apache-2.0
//
// FaultyStore: a decorator that breaks any Store by plan. Before each operation the plan is asked
// what happens to it; a commit can be lost before or after the inner store applied it (both
// answered outcome_unknown), anything can be unavailable. settle() of an applied commit goes to the
// inner store, which must recognise it: that is what the decorator is for. `inner` must outlive it.
// Thread rule: as the inner store; the plan is called under a lock, by any thread, and must not
// call the store. Tests: tests/store.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>

#include "engine/ports/store.h"

namespace vozex::simulated {

enum class Operation : std::uint8_t { open_lane, load, commit, settle, other };
// The two lost_ faults mean something to commit and settle only; elsewhere they are `unavailable`.
enum class Fault : std::uint8_t { none, unavailable, lost_before, lost_after };

using FaultPlan = std::function<Fault(Operation)>;

class FaultyStore final : public ports::Store {
 public:
  FaultyStore(ports::Store& inner, FaultPlan plan);
  ~FaultyStore() override;

  Result<std::unique_ptr<ports::LaneStore>> open_lane() override;
  ports::DefinitionStore& definitions() override;
  ports::SessionStore& sessions() override;
  ports::WorkStore& work() override;
  ports::QueryStore& queries() override;
  ports::InboxStore& inbox() override;

  // From now on.
  void set_plan(FaultPlan plan);

 private:
  class Lane;
  class Definitions;
  class Sessions;
  class Work;
  class Queries;
  class Inbox;

  Fault ask(Operation operation);
  // Runs `operation` unless the plan says no.
  template <class Call>
  auto guarded(Operation operation, Call&& call) -> decltype(call());

  ports::Store& inner_;
  std::mutex mutex_;
  FaultPlan plan_;
  std::unique_ptr<Definitions> definitions_;
  std::unique_ptr<Sessions> sessions_;
  std::unique_ptr<Work> work_;
  std::unique_ptr<Queries> queries_;
  std::unique_ptr<Inbox> inbox_;
};

}  // namespace vozex::simulated

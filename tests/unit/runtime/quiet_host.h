// SPDX-License-Identifier: Apache-2.0
//
// QuietHost: the engine around a driver that stands alone in a test: an empty store, and nobody who
// takes what it is told. A test overrides what it looks at.
#pragma once

#include "adapters/simulated/simulated_store.h"
#include "engine/runtime/items/host.h"

namespace vozex::runtime {

class QuietHost : public Host {
 public:
  Timestamp now() const override { return {}; }
  bool may_send() const override { return true; }
  SessionId session() const override { return SessionId{Bytes16{1}}; }
  DefinitionsRef definitions() const override { return nullptr; }
  Result<void> refresh_definitions() override { return {}; }
  ports::Store& store() override { return store_; }
  void offer(Item) override {}
  void start(StartOrder, Done<EventAnswer>) override {}
  void publish(Publish) override {}
  bool is_wanted(const Engine::Change&) const override { return false; }
  void heard(const ports::News&, Timestamp) override {}
  void session_lost() override {}
  void session_renewed() override {}
  void may_send_again() override {}
  void log(const LogNote&) override {}

 private:
  simulated::SimulatedStore store_;
};

}  // namespace vozex::runtime

// SPDX-License-Identifier: Apache-2.0
//
// Host: what the drivers ask of the engine around them. Thread rule: any thread.
#pragma once

#include "engine/ports/store.h"
#include "engine/runtime/definitions/definitions.h"
#include "engine/runtime/items/publish.h"

namespace vozex::runtime {

class Host {
 public:
  virtual ~Host() = default;
  // The database's clock, as far as is known.
  virtual Timestamp now() const = 0;
  // The session's beat is confirmed: calls may go out.
  virtual bool may_send() const = 0;
  virtual SessionId session() const = 0;
  virtual DefinitionsRef definitions() const = 0;
  // Reads what others deployed.
  virtual Result<void> refresh_definitions() = 0;
  virtual ports::Store& store() = 0;
  // To its lane.
  virtual void offer(Item item) = 0;
  // A new instance, at the door; answered after its commit.
  virtual void start(StartOrder order, Done<EventAnswer> done) = 0;
  virtual void publish(Publish publish) = 0;
  // Somebody wants to see this instance as it is now.
  virtual bool is_wanted(const Engine::Change& change) const = 0;
  // What a heartbeat heard that was sent at `sent`.
  virtual void heard(const ports::News& news, Timestamp sent) = 0;
  // The session died: what was leased to it is somebody else's.
  virtual void session_lost() = 0;
  // And a new one was joined.
  virtual void session_renewed() = 0;
  // Heartbeats were late and are confirmed again: calls that waited may go out.
  virtual void may_send_again() = 0;
  virtual void log(const LogNote& note) = 0;
};

}  // namespace vozex::runtime

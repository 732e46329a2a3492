// SPDX-License-Identifier: Apache-2.0
//
// Gate: whether the dispatcher has room for one more call of an adapter. A lane asks before it
// commits a new call: with room the row is born leased to this session and goes out after the
// commit, without it waits in the store for whoever has room. Thread rule: any lane.
#pragma once

#include <string>
#include <string_view>

namespace vozex::runtime {

class Gate {
 public:
  virtual ~Gate() = default;
  // Holds a place until the call is handed over, or until release() when it was not committed.
  virtual bool reserve(std::string_view adapter) = 0;
  virtual void release(std::string_view adapter) = 0;
};

// Parking: whether one more event of a tenant may wait for its instance. Thread rule: any lane.
class Parking {
 public:
  virtual ~Parking() = default;
  // Counts it in when it may.
  virtual bool admit(const std::string& tenant) = 0;
};

}  // namespace vozex::runtime

// SPDX-License-Identifier: Apache-2.0
//
// What a batch has to know before it can go on, and what was found. Values only.
#pragma once

#include <vector>

#include "engine/base/ids.h"
#include "engine/ports/lane_store.h"
#include "engine/runtime/definitions/definitions.h"

namespace vozex::runtime {

struct Needs {
  ports::LoadRequest load;
  std::vector<InstanceId> locate;  // where are these? (QueryStore::instance)
  bool definitions = false;        // a version is unknown here: read the definitions again

  bool empty() const {
    return load.instances.empty() && load.bindings.empty() && load.marks.empty() &&
           load.parked.empty() && load.outbox.empty() && locate.empty() && !definitions;
  }
};

struct Loaded {
  ports::LoadReply rows;
  std::vector<ports::InstanceRow> located;
  DefinitionsRef definitions;  // when they were asked for
};

}  // namespace vozex::runtime

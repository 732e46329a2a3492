// SPDX-License-Identifier: Apache-2.0
//
// Preview: what an event would do now: the same batch that a lane would make of it, on a connection
// that only loads, and never committed. Others may change the answer a moment later. Blocks; any
// thread. Tests: tests/unit/runtime.
#pragma once

#include "engine/runtime/batch/batch.h"

namespace vozex::runtime {

struct PreviewPorts {
  ports::LaneStore* lane = nullptr;
  ports::QueryStore* queries = nullptr;
  ports::Random* random = nullptr;
  DefinitionsRef definitions;
};

// Error class of the store, or `preview_unfinished` when the event reaches more than one batch
// would take.
Result<Batch::Foreseen> preview(const PreviewPorts& ports, Item item, Timestamp now);

}  // namespace vozex::runtime

// SPDX-License-Identifier: Apache-2.0
//
// The two machines of the in-memory benchmarks, compiled from YAML as authors write it. The flat
// one has three states and no data; the order has guards over input, data and event, assignments, a
// timer and a derived status, and takes events of about 300 bytes.
#pragma once

#include <vector>

#include "engine/machine/machine.h"
#include "engine/machine/snapshot.h"

namespace vozex::bench {

inline constexpr Timestamp k_now{std::chrono::seconds(1'800'000'000)};

machine::MachineRef flat_machine();
machine::MachineRef order_machine();
// The file that the order machine is compiled from.
const char* order_source();

// A started instance.
machine::Snapshot started(const machine::Machine& machine);

// Events that lead round in a circle: after the last one the machine is where it was.
std::vector<machine::Event> flat_events();
std::vector<machine::Event> order_events();

}  // namespace vozex::bench

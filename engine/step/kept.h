// SPDX-License-Identifier: Apache-2.0
//
// What an instance keeps for later (deferred events, the queue of a held one, delayed sends) has a
// bound in bytes besides that of their number (machine::k_max_deferred): a row that many large
// events wait in could not be written in the end. Tests: tests/unit/step/kept_test.cc.
#pragma once

#include "engine/step/run.h"

namespace vozex::stepping {

// Of their data, together. Small ones are let in by number alone.
inline constexpr std::size_t k_max_kept_bytes = 8u << 20;

bool has_room_for(const Run& run, const Value& data);

}  // namespace vozex::stepping

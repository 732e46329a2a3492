// SPDX-License-Identifier: Apache-2.0
//
// Parts of machines as text that is equal when they are: what a
// comparison of two versions shows and compares. Pure.
#pragma once

#include <string>

#include "engine/machine/machine.h"

namespace vozex::lab {

// Its whole text on one line.
std::string program_text(const expr::ProgramRef& program);

// Everything an action does, its expressions included.
std::string whole_text(const machine::Action& action);
std::string whole_text(const machine::Block& block);
// Operation, time-out, retries, compensation; not its input.
std::string whole_text(const machine::CallDecl& call);

}  // namespace vozex::lab

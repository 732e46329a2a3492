// SPDX-License-Identifier: Apache-2.0
//
// Planted bugs: mistakes that the simulation makes on purpose, to show that its oracle finds them.
// In the product VOZEX_PLANTED(bug) is the constant false and leaves nothing behind; only the copy
// of the core that is linked into the simulation has VOZEX_PLANTING. The bugs, what each breaks and
// what finds it: tests/simulation/README.md.
#pragma once

#ifdef VOZEX_PLANTING

namespace vozex::planted {

// Whether the bug of this name is switched on. tests/simulation/bugs.cc.
bool is_on(const char* bug);

}  // namespace vozex::planted

#define VOZEX_PLANTED(bug) (::vozex::planted::is_on(#bug))

#else

#define VOZEX_PLANTED(bug) false

#endif

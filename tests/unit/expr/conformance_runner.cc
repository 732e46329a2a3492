// SPDX-License-Identifier: Apache-2.0
//
// The runner is shared with the conformance program, which links it by itself; here it is compiled
// in.
#include "tests/conformance/cel_conformance.cc"  // NOLINT(bugprone-suspicious-include)

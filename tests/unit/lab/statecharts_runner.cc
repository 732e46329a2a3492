// SPDX-License-Identifier: Apache-2.0
//
// The runner is shared with the conformance program, which links it by itself; here it is compiled
// into the tests.
#include "tests/conformance/scxml_expressions.cc"        // NOLINT(bugprone-suspicious-include)
#include "tests/conformance/scxml_to_yaml.cc"            // NOLINT(bugprone-suspicious-include)
#include "tests/conformance/statecharts_conformance.cc"  // NOLINT(bugprone-suspicious-include)

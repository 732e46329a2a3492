// SPDX-License-Identifier: Apache-2.0
//
// `vozex gateway`: the payment gateways of a running server. Thread rule: one thread.
#pragma once

#include "api/cli/program.h"

namespace vozex::cli {

void add_gateway(CLI::App& app, Program& program);

}  // namespace vozex::cli

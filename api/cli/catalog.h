// SPDX-License-Identifier: Apache-2.0
//
// `vozex catalog`: products, coupons and taxes, from files into a server and back. Thread rule: one
// thread.
#pragma once

#include "api/cli/program.h"

namespace vozex::cli {

void add_catalog(CLI::App& app, Program& program);

}  // namespace vozex::cli

// SPDX-License-Identifier: Apache-2.0
//
// `vozex instance raw` and `vozex instance mend`: rows that can't be read. By id, because a key is
// found through the row.
#pragma once

#include "api/cli/program.h"

namespace vozex::cli {

void add_instance_mending(CLI::App& group, Program& program);

}  // namespace vozex::cli

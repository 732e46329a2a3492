// SPDX-License-Identifier: Apache-2.0
//
// `vozex batch`: bulk operations; `vozex migrate-instances`: one of them. Thread rule: one thread.
#pragma once

#include "api/cli/program.h"

namespace vozex::cli {

void add_batch(CLI::App& app, Program& program);
void add_migrate_instances(CLI::App& app, Program& program);

}  // namespace vozex::cli

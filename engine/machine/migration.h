// SPDX-License-Identifier: Apache-2.0
//
// Where a migration leads a state: what both the compiler and step's migrate() ask of
// Machine::migrations. Tests: tests/unit/step/migrate_test.cc.
#pragma once

#include <string>
#include <string_view>

#include "engine/machine/machine.h"

namespace vozex::machine {

// The path in the new version of `path` in the old one: the longest entry of `states` that is this
// path or an ancestor of it is replaced, others keep theirs. The new version need not have it.
std::string migrated_path(const Migration& migration, std::string_view path);

// How instances of version `from` become ones of this machine; null when the file doesn't say.
const Migration* find_migration(const Machine& machine, std::uint32_t from);

}  // namespace vozex::machine

// SPDX-License-Identifier: Apache-2.0
//
// What workflow files declare, as far as it can be read: for editors, whose files have mistakes
// while they are written. Tests: tests/unit/lab/editor_test.cc.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/language/compile.h"
#include "engine/types/type.h"

namespace vozex::language {

struct Contract {
  std::string workflow;
  std::string file;
  // Object types; null where nothing could be read.
  types::TypeRef input;
  types::TypeRef output;
  types::TypeRef data;
  types::TypeRef config;
  types::TypeRef invoked;
  std::map<std::string, types::TypeRef, std::less<>> events;  // null: no type is declared
  std::map<std::string, types::TypeRef, std::less<>> types;
  std::vector<std::string> policies;
};

// Of every file that is a workflow and is YAML; mistakes are not reported.
std::vector<Contract> contracts_of(const SourceSet& sources);

}  // namespace vozex::language

// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/kinds.h"

#include "tests/simulation/kinds_of.h"

namespace vozex::simulation {

const std::vector<std::string>& kind_names() {
  static const std::vector<std::string> names = {
      "shop", "family", "trip", "diary", "desk", "office", "attic"};
  return names;
}

std::unique_ptr<Kind> make_kind(const std::string& name) {
  if (name == "shop") return make_shop();
  if (name == "family") return make_family();
  if (name == "trip") return make_trip();
  if (name == "diary") return make_diary();
  if (name == "desk") return make_desk();
  if (name == "office") return make_office();
  if (name == "attic") return make_attic();
  return nullptr;
}

}  // namespace vozex::simulation

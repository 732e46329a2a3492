// SPDX-License-Identifier: Apache-2.0
//
// Place: where a test about money runs: each gateway of the sandbox, on each database. A new
// gateway is a line in k_gateways. Thread rule: plain values.
#pragma once

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "tests/api/town.h"

namespace vozex::api_test {

inline constexpr const char* k_gateways[] = {"dodo", "stripe", "paypal"};

struct Place {
  Kind kind;
  std::string gateway;
};
inline void PrintTo(const Place& place, std::ostream* out) {
  *out << name_of(place.kind) << " " << place.gateway;
}

inline std::vector<Place> places() {
  std::vector<Place> all;
  for (const char* gateway : k_gateways) {
    for (const Kind kind : {Kind::sqlite, Kind::postgres}) all.push_back({kind, gateway});
  }
  return all;
}

inline std::string place_name(const ::testing::TestParamInfo<Place>& place) {
  return place.param.gateway + "_" + name_of(place.param.kind);
}

}  // namespace vozex::api_test

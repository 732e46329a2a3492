// SPDX-License-Identifier: Apache-2.0
//
// Errands: a town whose instances of `errand` call a partner on loopback: `send` (repeated by key),
// `hurry` (the same, 300 ms an attempt, 1.5 s in all), `order` (never repeated, asked about),
// `look` (reads) and `pay` (never repeated, nobody can be asked). The partner treats some names in
// its own way: gone, tired, later, lost, unlucky (errands.cc). Thread rule: one thread.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/api/partner.h"
#include "tests/api/town.h"

namespace vozex::api_test {

inline constexpr int k_at_once = 3;  // calls of the partner

class Errands : public ::testing::TestWithParam<Kind> {
 protected:
  Errands();
  void SetUp() override;
  void TearDown() override;

  void start(const std::string& to, const std::string& how = "send");
  // It leaves `sending` or `looking`, and waits.
  void drop(const std::string& to);
  void restart_killed();
  bool reaches(const std::string& to, const std::string& state) const {
    return town_->reaches("errand", to, state);
  }
  bool is_asked(const std::string& what, int times = 1) const {
    return eventually([&] { return partner_.asked(what) >= times; });
  }
  std::size_t calls(const std::string& state) const {
    return town_->all("/v1/calls?adapter=partner&state=" + state).size();
  }
  double breaker() const { return town_->metric("vozex_adapter_breaker{adapter=\"partner\"}"); }
  std::string history(const std::string& to) const;

  TemporaryFolder folder_;
  Partner partner_;
  std::unique_ptr<Town> town_;
};

}  // namespace vozex::api_test

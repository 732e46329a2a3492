// SPDX-License-Identifier: Apache-2.0
//
// Clinic: a town with sixteen tickets, whose database is damaged with SQL; the doctor, and whoever
// follows its advice to the letter. Thread rule: one thread.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/api/town.h"

namespace vozex::api_test {

class Clinic : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override;
  void deploy(const std::string& name, const std::string& text);
  void start(const std::string& workflow, const json& input);
  void stop_server();
  void resume_server();

  bool is_sqlite() const { return GetParam() == Kind::sqlite; }
  // One change, which must hit a row.
  void plant(const std::string& sql);
  void plant(const std::string& sqlite, const std::string& postgres) {
    plant(is_sqlite() ? sqlite : postgres);
  }
  Outcome doctor(const std::string& settle, const std::vector<std::string>& more = {}) const;
  // What it finds after the servers had their time.
  json findings() const;
  // Runs the command of a finding in a shell, as it is printed.
  Outcome follow(const json& finding) const;
  // Follows each piece of advice, and looks again, until there is none; false when it stays.
  bool follow_all();
  Outcome vozex(const std::vector<std::string>& words) const;
  std::string id_of(const std::string& workflow, const std::string& key) const {
    return town_->instance(workflow, key)["id"];
  }

  std::unique_ptr<Town> town_;
};

}  // namespace vozex::api_test

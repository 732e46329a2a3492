// SPDX-License-Identifier: Apache-2.0
//
// Retention: the thread that gives the archiver its turn, a minute after the start and then every
// hour or as configured, and ends between two portions. Nothing runs when nothing is configured.
// Specification: docs/retention.md. Thread rule: owner's.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "adapters/archive/archiver.h"
#include "api/cli/settings.h"
#include "api/storage.h"
#include "engine/ports/clock.h"

namespace vozex::program {

// Error: config_invalid, for marks that would be forgotten while events still wait.
Result<archive::Plan> plan_of(const cli::RetentionSettings& settings);
// One turn, told in a sentence.
std::string told(const archive::Turn& turn);

class Retention {
 public:
  Retention(ports::RetentionStore& store,
            const ports::Clock& clock,
            const std::string& folder,
            archive::Plan plan,
            Duration every);
  ~Retention() { stop(); }

  void start();
  void stop();

 private:
  void run();

  archive::Archiver archiver_;
  const ports::Clock& clock_;
  const Duration every_;
  const bool wanted_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace vozex::program

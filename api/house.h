// SPDX-License-Identifier: Apache-2.0
//
// House: one server put together from its settings: store, adapters, engine, workflows, HTTP. The
// only class that knows all of them. open() checks everything that can be checked before anything
// is served. Thread rule: one thread opens, runs and stops it.
#pragma once

#include <memory>

#include "api/cli/settings.h"
#include "engine/base/result.h"

namespace vozex::program {

class House {
 public:
  // Errors: no_api_key, config_invalid, invalid_workflow (the message holds the diagnostics), those
  // of stores.
  static Result<std::unique_ptr<House>> open(const cli::ServeSettings& settings);
  ~House();
  House(const House&) = delete;
  House& operator=(const House&) = delete;

  // Joins, takes over what a dead server left, deploys, listens.
  Result<void> run();
  // Finishes what is under way, leaves.
  void stop();

 private:
  struct Rooms;
  explicit House(std::unique_ptr<Rooms> rooms);
  std::unique_ptr<Rooms> rooms_;
};

// Defaults that depend on other members, filled in.
cli::ServeSettings completed(cli::ServeSettings settings);

// Blocks SIGINT and SIGTERM for this thread and those it starts from now on; wait_for_end() returns
// on either.
void block_end_signals();
void wait_for_end();

int serve(const cli::ServeSettings& settings);
int dev(const cli::DevSettings& settings);

}  // namespace vozex::program

// SPDX-License-Identifier: Apache-2.0
#include "api/retention.h"

#include <spdlog/spdlog.h>

#include "engine/runtime/schedules.h"

namespace vozex::program {
namespace {

static_assert(archive::k_min_marks > runtime::k_schedule_catch_up,
              "a start that a schedule may make up for must still have its mark");

constexpr std::chrono::minutes k_first_turn{1};
constexpr std::chrono::hours k_every{1};

}  // namespace

Result<archive::Plan> plan_of(const cli::RetentionSettings& settings) {
  if (settings.marks && *settings.marks < archive::k_min_marks) {
    return fail(ErrorClass::invalid,
                "config_invalid",
                "retention.marks: expected at least " + format_duration(archive::k_min_marks) +
                    ", got " + format_duration(*settings.marks) +
                    ": a schedule makes up for what it missed in 31 days, and what was already "
                    "started must still be known.");
  }
  return archive::Plan{settings.ended, settings.marks};
}

std::string told(const archive::Turn& turn) {
  if (!turn.taken) return "another process is archiving";
  return "archived " + std::to_string(turn.instances) + " instances in " +
         std::to_string(turn.files) + " files, forgot " + std::to_string(turn.marks) +
         " marks or months of them, gave back " + std::to_string(turn.months) + " months";
}

Retention::Retention(ports::RetentionStore& store,
                     const ports::Clock& clock,
                     const std::string& folder,
                     archive::Plan plan)
    : archiver_(store, archive::Archive(folder), plan),
      clock_(clock),
      wanted_(plan.ended || plan.marks) {}

void Retention::start() {
  if (wanted_) thread_ = std::thread([this] { run(); });
}

void Retention::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Retention::run() {
  std::unique_lock lock(mutex_);
  std::chrono::seconds wait = k_first_turn;
  while (!wake_.wait_for(lock, wait, [this] { return stopping_; })) {
    lock.unlock();
    const auto turn = archiver_.run_once(clock_.now(), [this] {
      const std::lock_guard guard(mutex_);
      return !stopping_;
    });
    if (!turn) {
      spdlog::error("retention: {}: {}", turn.error().code, turn.error().message);
    } else if (turn->taken) {
      spdlog::info("retention: {}", told(*turn));
    }
    wait = k_every;
    lock.lock();
  }
}

}  // namespace vozex::program

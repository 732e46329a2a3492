// SPDX-License-Identifier: Apache-2.0
#include "api/retention.h"

#include <algorithm>

#include <spdlog/spdlog.h>

#include "engine/runtime/timers/schedules.h"

namespace vozex::program {
namespace {

static_assert(archive::k_min_marks > runtime::k_schedule_catch_up,
              "a start that a schedule may make up for must still have its mark");

constexpr Duration k_first_turn{std::chrono::minutes{1}};
constexpr Duration k_min_every{std::chrono::seconds{1}};

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
  if (settings.every < k_min_every) {
    return fail(ErrorClass::invalid,
                "config_invalid",
                "retention.every: expected at least " + format_duration(k_min_every) + ", got " +
                    format_duration(settings.every));
  }
  return archive::Plan{settings.ended, settings.marks, settings.batches};
}

std::string told(const archive::Turn& turn) {
  if (!turn.taken) return "another process is archiving";
  return "archived " + std::to_string(turn.instances) + " instances in " +
         std::to_string(turn.files) + " files, forgot " + std::to_string(turn.marks) +
         " marks or months of them, " + std::to_string(turn.batches) +
         " batches and items of them, gave back " + std::to_string(turn.months) + " months";
}

Retention::Retention(ports::RetentionStore& store,
                     const ports::Clock& clock,
                     const std::string& folder,
                     archive::Plan plan,
                     Duration every)
    : archiver_(store, archive::Archive(folder), plan),
      clock_(clock),
      every_(every),
      wanted_(plan.ended || plan.marks || plan.batches) {}

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
  Duration wait = std::min(k_first_turn, every_);
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
    wait = every_;
    lock.lock();
  }
}

}  // namespace vozex::program

// SPDX-License-Identifier: Apache-2.0
#include "api/doctor.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <thread>

#include "adapters/postgres/inspection.h"
#include "adapters/postgres/repair.h"
#include "adapters/sqlite/inspection.h"
#include "adapters/sqlite/repair.h"
#include "adapters/system/clock.h"
#include "adapters/system/random.h"
#include "api/handlers/body.h"
#include "api/storage.h"
#include "engine/runtime/ops/advice.h"
#include "engine/runtime/ops/doctor.h"
#include "engine/runtime/ops/repair.h"

namespace vozex::program {
namespace {

using types::Value;

// One repair may show the next: a row that went leaves its key behind.
constexpr int k_max_rounds = 4;

bool is_sqlite(const std::string& url) { return url.starts_with("sqlite://"); }
bool is_postgres(const std::string& url) {
  return url.starts_with("postgresql://") || url.starts_with("postgres://");
}

Result<std::unique_ptr<ports::Inspection>> open(const std::string& url) {
  if (is_sqlite(url)) return sqlite::open_inspection(url);
  if (is_postgres(url)) return postgres::open_inspection(url);
  return fail(ErrorClass::invalid,
              "store_url",
              "Expected a store like sqlite:///var/lib/vozex/vozex.db or "
              "postgresql://user@host/database, got \"" +
                  public_text(url) + "\".");
}

Result<runtime::RepairRequest> request_of(const cli::DoctorSettings& settings) {
  runtime::RepairRequest request{settings.codes, {}, settings.actor, settings.reason, false};
  request.dry_run = settings.dry_run;
  const auto known = runtime::finding_codes();
  for (const std::string& code : settings.codes) {
    if (std::find(known.begin(), known.end(), code) != known.end()) continue;
    return fail(ErrorClass::invalid,
                "unknown_code",
                "no finding has the code \"" + code + "\"; docs/doctor.md has all of them");
  }
  for (const std::string& text : settings.instances) {
    const auto id = InstanceId::parse(text);
    if (!id) {
      return fail(
          ErrorClass::invalid,
          "instance_id",
          "--instance wants the id of an instance as the findings have it, got \"" + text + "\"");
    }
    request.instances.push_back(*id);
  }
  return request;
}

Value to_value(const runtime::Finding& finding) {
  handlers::Object object;
  object.text("code", finding.code);
  if (!finding.instance.is_nil()) object.text("instance", finding.instance.text());
  object.text("workflow", finding.workflow)
      .text("key", finding.key)
      .text("what", finding.what)
      .text("advice", finding.advice)
      .text("command", finding.command);
  if (finding.treatment != nullptr) object.text("repair", finding.treatment->does);
  return object.done();
}

Value to_value(const runtime::Repaired& repaired) {
  handlers::Object object;
  object.text("code", repaired.finding.code);
  if (!repaired.finding.instance.is_nil())
    object.text("instance", repaired.finding.instance.text());
  object.text("what", repaired.finding.what)
      .text("repair", repaired.finding.treatment->does)
      .text("outcome", runtime::to_string(repaired.outcome));
  if (!repaired.note.empty()) object.text("note", repaired.note);
  return object.done();
}

template <class Rows>
Value list_of(const Rows& rows) {
  Value::List list;
  for (const auto& row : rows) list.push_back(to_value(row));
  return Value::list(std::move(list));
}

// Readable by its owner only, and on the disk before anything is taken away.
Result<void> append_line(const std::string& path, const std::string& line) {
  const auto failed = [&path] {
    return fail(ErrorClass::unavailable,
                "keep_failed",
                "what it takes away could not be written to " + path + " (" + std::strerror(errno) +
                    "), so nothing was done: name a file with --keep");
  };
  const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return failed();
  const std::string whole = line + "\n";
  const bool written =
      ::write(file, whole.data(), whole.size()) == std::ssize(whole) && ::fsync(file) == 0;
  if (!written) {
    auto failure = failed();
    ::close(file);
    return failure;
  }
  ::close(file);
  return {};
}

// One look at a database, and what it may take to mend it.
class Visit {
 public:
  explicit Visit(const cli::DoctorSettings& settings) : settings_(settings) {}

  Result<Value> run() {
    auto diagnosis = look(true);
    if (!diagnosis) return Failure(diagnosis.error());
    if (settings_.repair) {
      if (auto mended = mend(*diagnosis); !mended) return Failure(mended.error());
    }
    handlers::Object object;
    object.number("instances", diagnosis->instances)
        .number("definitions", diagnosis->definitions)
        .put("truncated", Value::boolean(diagnosis->truncated))
        .put("findings", list_of(diagnosis->findings));
    if (kept_) object.text("kept_in", settings_.keep);
    if (settings_.repair) object.put("repaired", list_of(repaired_));
    return object.done();
  }

 private:
  // The read transaction ends with it.
  Result<runtime::Diagnosis> look(bool first) {
    const auto inspection = open(settings_.store);
    if (!inspection) return Failure(inspection.error());
    std::function<void()> settle;
    if (settings_.settle_seconds > 0) {
      settle = [this, first] {
        const int seconds = first ? settings_.settle_seconds : 1;
        std::this_thread::sleep_for(std::chrono::seconds(seconds));
      };
    }
    return runtime::diagnose(**inspection, clock_.now(), settle);
  }

  // Leaves in `diagnosis` what is still there.
  Result<void> mend(runtime::Diagnosis& diagnosis) {
    auto request = request_of(settings_);
    if (!request) return Failure(request.error());
    request->kept_in = settings_.keep;
    request->keep = [this](const std::string& line) -> Result<void> {
      auto kept = append_line(settings_.keep, line);
      kept_ = kept_ || kept;
      return kept;
    };
    auto repairs = is_sqlite(settings_.store) ? sqlite::open_repairs(settings_.store)
                                              : postgres::open_repairs(settings_.store);
    if (!repairs) return Failure(repairs.error());
    for (int round = 0; round < k_max_rounds; ++round) {
      auto done = runtime::repair(**repairs, diagnosis.findings, *request, clock_, random_);
      if (!done) return Failure(done.error());
      bool any = false;
      for (runtime::Repaired& one : *done) {
        any = any || one.outcome == runtime::RepairOutcome::done;
        repaired_.push_back(std::move(one));
      }
      if (!any) return {};
      auto again = look(false);
      if (!again) return Failure(again.error());
      diagnosis = *std::move(again);
    }
    return {};
  }

  const cli::DoctorSettings& settings_;
  system::SystemClock clock_;
  system::SystemRandom random_;
  std::vector<runtime::Repaired> repaired_;
  bool kept_ = false;  // something, in the file
};

}  // namespace

Result<Value> doctor(const cli::DoctorSettings& settings) { return Visit(settings).run(); }

}  // namespace vozex::program

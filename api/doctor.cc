// SPDX-License-Identifier: Apache-2.0
#include "api/doctor.h"

#include <chrono>
#include <memory>
#include <thread>

#include "adapters/postgres/inspection.h"
#include "adapters/sqlite/inspection.h"
#include "adapters/system/clock.h"
#include "api/handlers/body.h"
#include "api/storage.h"
#include "engine/runtime/ops/doctor.h"

namespace vozex::program {
namespace {

using types::Value;

Result<std::unique_ptr<ports::Inspection>> open(const std::string& url) {
  if (url.starts_with("sqlite://")) return sqlite::open_inspection(url);
  if (url.starts_with("postgresql://") || url.starts_with("postgres://"))
    return postgres::open_inspection(url);
  return fail(ErrorClass::invalid,
              "store_url",
              "Expected a store like sqlite:///var/lib/vozex/vozex.db or "
              "postgresql://user@host/database, got \"" +
                  public_text(url) + "\".");
}

Value to_value(const runtime::Finding& finding) {
  handlers::Object object;
  object.text("code", finding.code);
  if (!finding.instance.is_nil()) object.text("instance", finding.instance.text());
  return object.text("workflow", finding.workflow)
      .text("key", finding.key)
      .text("what", finding.what)
      .text("advice", finding.advice)
      .done();
}

}  // namespace

Result<Value> doctor(const cli::DoctorSettings& settings) {
  const auto inspection = open(settings.store);
  if (!inspection) return Failure(inspection.error());
  std::function<void()> settle;
  if (settings.settle_seconds > 0) {
    settle = [&settings] {
      std::this_thread::sleep_for(std::chrono::seconds(settings.settle_seconds));
    };
  }
  const auto diagnosis = runtime::diagnose(**inspection, system::SystemClock().now(), settle);
  if (!diagnosis) return Failure(diagnosis.error());
  Value::List findings;
  for (const runtime::Finding& finding : diagnosis->findings) findings.push_back(to_value(finding));
  return handlers::Object()
      .number("instances", diagnosis->instances)
      .number("definitions", diagnosis->definitions)
      .put("truncated", Value::boolean(diagnosis->truncated))
      .put("findings", Value::list(std::move(findings)))
      .done();
}

}  // namespace vozex::program

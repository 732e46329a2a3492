// SPDX-License-Identifier: Apache-2.0
#include "api/handlers/call_retry.h"

#include <memory>
#include <mutex>
#include <utility>

#include "api/handlers/body.h"

namespace vozex::handlers {
namespace {

using types::Value;

Value outcome_of(const CallId& id, const Result<runtime::EventAnswer>& result) {
  Object object;
  object.text("id", id.text());
  if (!result) {
    return object.text("outcome", "refused")
        .put("problem",
             Object()
                 .text("code", result.error().code)
                 .text("detail", result.error().message)
                 .done())
        .done();
  }
  const bool dropped = result->disposition == machine::Disposition::stale;
  return object.text("outcome", dropped ? "dropped" : "leased").done();
}

struct Collector {
  std::mutex mutex;  // guards what follows
  Value::List outcomes;
  std::size_t missing = 0;
  std::function<void(Value)> done;

  void take(std::size_t index, Value value) {
    {
      const std::lock_guard lock(mutex);
      outcomes[index] = std::move(value);
      if (--missing > 0) return;
    }
    done(Value::list(std::move(outcomes)));
  }
};

}  // namespace

void retry_all(const Services& services,
               const std::vector<ports::CallRow>& rows,
               const machine::Actor& actor,
               const std::string& reason,
               std::function<void(Value)> done) {
  if (rows.empty()) return done(Value::list({}));
  auto collector = std::make_shared<Collector>();
  collector->outcomes.resize(rows.size());
  collector->missing = rows.size();
  collector->done = std::move(done);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const CallId id = rows[i].id;
    services.engine->retry_call(rows[i],
                                {id, actor, reason},
                                [collector, i, id](const Result<runtime::EventAnswer>& result) {
                                  collector->take(i, outcome_of(id, result));
                                });
  }
}

}  // namespace vozex::handlers

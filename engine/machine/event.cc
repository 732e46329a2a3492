// SPDX-License-Identifier: Apache-2.0
#include "engine/machine/event.h"

namespace vozex::machine {

types::Value to_value(const ErrorInfo& error) {
  using types::Value;
  return Value::object({{"code", Value::string(error.code)},
                        {"message", Value::string(error.message)},
                        {"retryable", Value::boolean(error.retryable)},
                        {"attempts", Value::integer(error.attempts)},
                        {"details", error.details}});
}

const char* to_string(TaskChange change) {
  switch (change) {
    case TaskChange::claim: return "claim";
    case TaskChange::release: return "release";
    case TaskChange::assign: return "assign";
  }
  return "unknown";
}

}  // namespace vozex::machine

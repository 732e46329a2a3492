// SPDX-License-Identifier: Apache-2.0
#include "engine/base/result.h"

namespace vozex {

const char* to_string(ErrorClass kind) {
  switch (kind) {
    case ErrorClass::invalid: return "invalid";
    case ErrorClass::not_found: return "not_found";
    case ErrorClass::conflict: return "conflict";
    case ErrorClass::constraint: return "constraint";
    case ErrorClass::refused: return "refused";
    case ErrorClass::unavailable: return "unavailable";
    case ErrorClass::outcome_unknown: return "outcome_unknown";
    case ErrorClass::corrupt: return "corrupt";
  }
  return "invalid";
}

}  // namespace vozex

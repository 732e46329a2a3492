// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/ledger.h"

#include "engine/base/assert.h"

namespace vozex::payments {

const char* to_string(Standing standing) {
  switch (standing) {
    case Standing::none: return "none";
    case Standing::pending: return "pending";
    case Standing::authorised: return "authorised";
    case Standing::captured: return "captured";
    case Standing::partially_refunded: return "partially_refunded";
    case Standing::refunded: return "refunded";
    case Standing::disputed: return "disputed";
    case Standing::charged_back: return "charged_back";
    case Standing::failed: return "failed";
    case Standing::cancelled: return "cancelled";
  }
  VOZEX_ASSERT(!"a standing has a word");
}

Standing Ledger::standing() const {
  if (disputed > 0) return Standing::disputed;
  if (charged_back > 0) return Standing::charged_back;
  if (captured > 0) {
    if (refunded <= 0) return Standing::captured;
    return refunded < captured ? Standing::partially_refunded : Standing::refunded;
  }
  if (authorised > 0) return Standing::authorised;
  switch (attempt) {
    case Attempt::none: return Standing::none;
    case Attempt::pending: return Standing::pending;
    case Attempt::failed: return Standing::failed;
    case Attempt::cancelled: return Standing::cancelled;
  }
  VOZEX_ASSERT(!"an attempt has a standing");
}

}  // namespace vozex::payments

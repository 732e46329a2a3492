// SPDX-License-Identifier: Apache-2.0
#include "engine/machine/effect.h"

namespace vozex::machine {

const char* to_string(Disposition disposition) {
  switch (disposition) {
    case Disposition::transitioned: return "transitioned";
    case Disposition::created: return "created";
    case Disposition::deferred: return "deferred";
    case Disposition::waiting: return "waiting";
    case Disposition::ignored: return "ignored";
    case Disposition::duplicate: return "duplicate";
    case Disposition::rejected: return "rejected";
    case Disposition::stale: return "stale";
    case Disposition::queued: return "queued";
    case Disposition::ended: return "ended";
    case Disposition::incident: return "incident";
  }
  return "ignored";
}

}  // namespace vozex::machine

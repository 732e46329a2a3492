// SPDX-License-Identifier: Apache-2.0
//
// The doctor on either kind of store: opens it, examines it, mends what it is told to, gives what
// is there as api/cli/doctor.h wants it. Thread rule: one thread.
#pragma once

#include "api/cli/doctor.h"

namespace vozex::program {

Result<types::Value> doctor(const cli::DoctorSettings& settings);

}  // namespace vozex::program

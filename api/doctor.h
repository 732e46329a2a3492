// SPDX-License-Identifier: Apache-2.0
//
// The doctor on either kind of store: opens it for reading only, examines it, gives what was found
// as api/cli/doctor.h wants it. Thread rule: one thread.
#pragma once

#include "api/cli/doctor.h"

namespace vozex::program {

Result<types::Value> doctor(const cli::DoctorSettings& settings);

}  // namespace vozex::program

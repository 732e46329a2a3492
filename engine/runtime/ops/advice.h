// SPDX-License-Identifier: Apache-2.0
//
// What people are told to do about each code of the doctor: a sentence, and the command that does
// it. The codes are docs/doctor.md's. Pure. Thread rule: values only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/runtime/ops/doctor.h"

namespace vozex::runtime {

// What a command names. Empty where the finding has none.
struct About {
  std::string state;  // of the instance
  std::string call;
};

// Fills in `advice` and `command`.
void advise(Finding& finding, const About& about = {});

std::vector<std::string_view> finding_codes();

}  // namespace vozex::runtime

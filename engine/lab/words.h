// SPDX-License-Identifier: Apache-2.0
//
// Text that the tools put together. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vozex::lab {

std::string joined(const std::vector<std::string>& words, std::string_view between = ", ");

// Line breaks and runs of blanks become one blank each.
std::string on_one_line(std::string_view text);

// As content or attribute of XML. Control characters that XML 1.0 can't carry become '?'.
std::string xml_text(std::string_view text);

}  // namespace vozex::lab

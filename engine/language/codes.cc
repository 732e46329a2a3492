// SPDX-License-Identifier: Apache-2.0
#include "engine/language/codes.h"

namespace vozex::language {

const std::vector<Code>& all_codes() {
#define VOZEX_LIST_CODE(name, id, meaning) code::name,
  static const std::vector<Code> codes{VOZEX_LANGUAGE_CODES(VOZEX_LIST_CODE)};
#undef VOZEX_LIST_CODE
  return codes;
}

}  // namespace vozex::language

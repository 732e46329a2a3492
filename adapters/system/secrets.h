// SPDX-License-Identifier: Apache-2.0
//
// SystemSecrets: `env:NAME` is the environment variable NAME, `file:/path` the file's content
// without its last line break (for secrets mounted as files; read anew each time, so a rotated one
// counts at once). Any other name, an unset variable, an empty value, an unreadable file or one
// over 64 KiB is no secret. Thread rule: any thread, as long as nobody changes the environment.
// Tests: tests/unit/system.
#pragma once

#include "engine/ports/adapter.h"

namespace vozex::system {

class SystemSecrets final : public ports::Secrets {
 public:
  std::optional<std::string> get(std::string_view name) const override;
};

}  // namespace vozex::system

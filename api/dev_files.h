// SPDX-License-Identifier: Apache-2.0
//
// What `vozex dev` keeps in its state folder: generated secrets (0600, in a folder of 0700), where
// clients find the server, and a file to deliver. Made when missing, kept otherwise.
#pragma once

#include <string>

#include "engine/base/result.h"
#include "engine/ports/clock.h"

namespace vozex::program {

struct DevFiles {  // absolute paths
  std::string api_key;
  std::string gateway_key;
  std::string webhook_secret;
};

// Error state_unwritable.
Result<DevFiles> make_dev_files(const std::string& state,
                                const std::string& url,
                                ports::Random& random);

}  // namespace vozex::program

// SPDX-License-Identifier: Apache-2.0
//
// DownloadService: a token of a download link to the file behind it. Whoever streams the file asks
// once per request. The rule of counting: a request whose first byte is the file's first (no Range,
// or a range that starts at 0; a suffix range or several ranges count too, since they may hold the
// first byte) is one download; a range that starts further on is the rest of a download and is
// free, once the link has been used at all; HEAD looks and counts nothing. The count is taken
// before the first byte goes out, so a broken transfer costs one: it is resumed by range. Tokens
// are 32 random bytes in base64url; only their SHA-256 is known here. Thread rule: any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "adapters/fulfillment/license_store.h"
#include "engine/ports/clock.h"

namespace vozex::fulfillment {

struct Download {
  std::filesystem::path path;
  std::uint64_t size = 0;
  std::string content_type;
  std::string file_name;  // for Content-Disposition
  std::string license_id;
  int remaining = 0;
};

// `verdict` is never granted; `unavailable`: the store or the file can't be read now.
struct DownloadRefusal {
  Verdict verdict = Verdict::unknown;
  bool unavailable = false;
  std::string message;
};

class DownloadService {
 public:
  // All must outlive this.
  DownloadService(LicenseStore& store,
                  const ports::Clock& clock,
                  std::filesystem::path artefact_folder);

  tl::expected<Download, DownloadRefusal> resolve(std::string_view token, Part part);

 private:
  LicenseStore& store_;
  const ports::Clock& clock_;
  std::filesystem::path folder_;
};

// The part that a request asks for, from its method and its Range header ("" when there is none).
Part part_of(std::string_view method, std::string_view range);

// The regular file `artefact` inside `folder`; nothing when it is missing or lies outside, links
// followed.
std::optional<std::filesystem::path> find_artefact(const std::filesystem::path& folder,
                                                   std::string_view artefact);

}  // namespace vozex::fulfillment

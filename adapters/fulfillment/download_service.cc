// SPDX-License-Identifier: Apache-2.0
#include "adapters/fulfillment/download_service.h"

#include <algorithm>

#include "engine/base/sha256.h"

namespace vozex::fulfillment {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_token_chars = 43;  // 32 bytes in base64url

struct ContentType {
  std::string_view extension;
  const char* type;
};

constexpr ContentType k_content_types[] = {
    {".zip", "application/zip"},
    {".gz", "application/gzip"},
    {".tgz", "application/gzip"},
    {".pdf", "application/pdf"},
    {".txt", "text/plain; charset=utf-8"},
    {".json", "application/json"},
};

std::string content_type_of(const fs::path& path) {
  const auto extension = path.extension().string();
  for (const auto& known : k_content_types) {
    if (known.extension == extension) return known.type;
  }
  return "application/octet-stream";
}

const char* sentence(Verdict verdict) {
  switch (verdict) {
    case Verdict::expired: return "this download link has expired: ask for a new one";
    case Verdict::used_up:
      return "this download link has been used as often as it may be: ask for a new one";
    case Verdict::revoked: return "this download link has been revoked";
    case Verdict::suspended:
      return "the licence is suspended: its downloads rest until it is restored";
    case Verdict::granted:
    case Verdict::unknown: break;
  }
  return "there is no such download link";
}

tl::unexpected<DownloadRefusal> refused(Verdict verdict) {
  return tl::unexpected(DownloadRefusal{verdict, false, sentence(verdict)});
}

tl::unexpected<DownloadRefusal> unavailable() {
  return tl::unexpected(
      DownloadRefusal{Verdict::unknown, true, "the file can't be delivered right now"});
}

}  // namespace

Part part_of(std::string_view method, std::string_view range) {
  if (method == "HEAD") return Part::look;
  constexpr std::string_view k_unit = "bytes=";
  if (!range.starts_with(k_unit)) return Part::first;
  range.remove_prefix(k_unit.size());
  const auto digits = range.substr(0, range.find('-'));
  const bool from_a_later_byte = range.find(',') == std::string_view::npos && !digits.empty() &&
                                 digits.find_first_not_of("0123456789") == std::string_view::npos &&
                                 digits.find_first_not_of('0') != std::string_view::npos;
  return from_a_later_byte ? Part::later : Part::first;
}

std::optional<fs::path> find_artefact(const fs::path& folder, std::string_view artefact) {
  if (artefact.empty()) return std::nullopt;
  std::error_code fault;
  const fs::path root = fs::canonical(folder, fault);
  if (fault) return std::nullopt;
  const fs::path file = fs::canonical(root / fs::path(artefact), fault);
  if (fault || !fs::is_regular_file(file, fault) || fault) return std::nullopt;
  const auto [end, rest] = std::mismatch(root.begin(), root.end(), file.begin(), file.end());
  return end == root.end() ? std::optional(file) : std::nullopt;
}

DownloadService::DownloadService(LicenseStore& store,
                                 const ports::Clock& clock,
                                 fs::path artefact_folder)
    : store_(store), clock_(clock), folder_(std::move(artefact_folder)) {}

tl::expected<Download, DownloadRefusal> DownloadService::resolve(std::string_view token,
                                                                 Part part) {
  if (token.size() != k_token_chars) return refused(Verdict::unknown);
  const auto grant = store_.take_download(sha256_hex(token), clock_.now(), part);
  if (!grant) return unavailable();
  if (grant->verdict != Verdict::granted) return refused(grant->verdict);
  const auto file = find_artefact(folder_, grant->artefact);
  if (!file) return unavailable();
  std::error_code fault;
  const auto size = fs::file_size(*file, fault);
  if (fault) return unavailable();
  return Download{*file,
                  size,
                  content_type_of(*file),
                  file->filename().string(),
                  grant->license_id,
                  grant->remaining};
}

}  // namespace vozex::fulfillment

// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/paypal/certificates.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

namespace vozex::payments {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_max_kept = 16;
constexpr std::size_t k_max_bytes = 64u << 10;
constexpr std::size_t k_max_files = 64;
constexpr int k_max_fetches_a_minute = 10;
constexpr Duration k_keep = std::chrono::hours{24};
constexpr Duration k_timeout = std::chrono::seconds{8};

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return {};
  std::stringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

// What else is in the folder, as one text.
std::string intermediates_in(const std::string& folder) {
  std::string pem;
  if (folder.empty()) return pem;
  std::error_code failure;
  std::size_t files = 0;
  for (fs::directory_iterator entries(folder, failure), end;
       !failure && entries != end && files < k_max_files;
       entries.increment(failure)) {
    if (entries->path().extension() != ".pem") continue;
    pem += read_file(entries->path()) + "\n";
    ++files;
  }
  return pem;
}

Failure unavailable(const std::string& why) {
  return fail(ErrorClass::unavailable,
              "webhook_certificate_unavailable",
              "PayPal's certificate can't be fetched now: " + why);
}

}  // namespace

Certificates::Certificates(Options options, const Surroundings& outside)
    : options_(std::move(options)), outside_(outside) {}

bool Certificates::may_fetch(Timestamp now) {
  const std::lock_guard lock(mutex_);
  if (now < minute_ || now - minute_ >= std::chrono::minutes{1}) {
    minute_ = now;
    fetched_ = 0;
  }
  return ++fetched_ <= k_max_fetches_a_minute;
}

Result<std::string> Certificates::load(const std::string& name,
                                       const std::string& url,
                                       Timestamp now) {
  if (!options_.folder.empty()) {
    auto pem = read_file(fs::path(options_.folder) / (name + ".pem"));
    if (!pem.empty()) return pem;
  }
  if (!may_fetch(now)) return unavailable("too many were asked for within a minute");
  http::HttpRequest request;
  request.url = url;
  request.timeout = k_timeout;
  request.max_response_bytes = k_max_bytes;
  request.origin_is_configured = options_.origin_is_configured;
  auto answer = outside_.http.send(request);
  if (!answer) return unavailable(answer.error().message);
  if (answer->status != 200) return unavailable("status " + std::to_string(answer->status));
  return std::move(answer->body);
}

Result<std::shared_ptr<const Certificate>> Certificates::get(const std::string& name,
                                                             const std::string& url,
                                                             const std::string& host,
                                                             Timestamp now) {
  const std::string key = host + " " + url;
  {
    const std::lock_guard lock(mutex_);
    const auto known = kept_.find(key);
    if (known != kept_.end() && now < known->second.until &&
        known->second.certificate->is_valid_at(now))
      return known->second.certificate;
  }
  const auto pem = load(name, url, now);
  if (!pem) return tl::unexpected(pem.error());
  auto opened =
      Certificate::open(*pem, {host, intermediates_in(options_.folder), options_.ca_file, now});
  if (!opened) return tl::unexpected(opened.error());
  auto certificate = std::make_shared<const Certificate>(*std::move(opened));
  const std::lock_guard lock(mutex_);
  if (kept_.size() >= k_max_kept) {
    kept_.erase(std::min_element(kept_.begin(), kept_.end(), [](const auto& a, const auto& b) {
      return a.second.until < b.second.until;
    }));
  }
  kept_[key] = {certificate, now + k_keep};
  return certificate;
}

}  // namespace vozex::payments

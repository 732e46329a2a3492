// SPDX-License-Identifier: Apache-2.0
// Standard Webhooks: three lines are the headers, a fourth the secret, the rest the body. No input
// is ever accepted that wasn't signed.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "adapters/http/standard_webhooks.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vozex;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::array<std::string, 4> lines;
  for (std::string& line : lines) {
    const std::size_t end = rest.find('\n');
    line = std::string(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  const http::Headers headers{
      {"webhook-id", lines[0]}, {"webhook-timestamp", lines[1]}, {"webhook-signature", lines[2]}};
  const Timestamp now{std::chrono::seconds{1'614'265'330}};
  (void)http::verify_webhook({lines[3]}, headers, rest, now);
  // A key that no seed is signed with.
  const std::string other = "whsec_dGhlIGZ1enplciBkb2Vzbid0IGtub3cgdGhpcw==";
  if (http::verify_webhook({other}, headers, rest, now)) std::abort();
  const auto key = http::parse_webhook_secret(lines[3]);
  if (key && lines[0].find('.') == std::string::npos && !lines[0].empty()) {
    const auto signed_now = http::sign_webhook({*key}, lines[0], now, rest);
    if (!http::verify_webhook({lines[3]}, signed_now, rest, now)) std::abort();
  }
  return 0;
}

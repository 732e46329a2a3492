// SPDX-License-Identifier: Apache-2.0
// Signatures of Stripe and PayPal: six lines are headers, the rest the body. No input is ever
// accepted that wasn't signed; no certificate is fetched from anywhere but PayPal.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "adapters/payments/paypal/signature.h"
#include "adapters/payments/stripe/signature.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vozex;
  using payments::Environment;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::array<std::string, 6> lines;
  for (std::string& line : lines) {
    const std::size_t end = rest.find('\n');
    line = std::string(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  const Timestamp now{std::chrono::seconds{1'700'000'000}};
  const std::string secret = "whsec_that_no_seed_is_signed_with";
  if (payments::verify_stripe({secret}, {{"stripe-signature", lines[0]}}, rest, now)) std::abort();
  const auto header = payments::sign_stripe({secret}, now, rest);
  if (!payments::verify_stripe({secret}, {{"stripe-signature", header}}, rest, now)) std::abort();

  const http::Headers headers{{"paypal-transmission-id", lines[1]},
                              {"paypal-transmission-time", lines[2]},
                              {"paypal-transmission-sig", lines[3]},
                              {"paypal-cert-url", lines[4]},
                              {"paypal-auth-algo", lines[5]}};
  if (const auto read = payments::read_transmission(headers, now)) {
    if (lines[5] != "SHA256withRSA") std::abort();
    (void)payments::signed_text(*read, "WH-1", rest);
  }
  for (const auto environment : {Environment::live, Environment::test}) {
    const auto name = payments::certificate_name(lines[4], environment, "");
    if (name && (!lines[4].starts_with("https://api") || name->find('/') != std::string::npos))
      std::abort();
  }
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/paypal/signature.h"

#include <boost/crc.hpp>
#include <span>

#include "adapters/http/signing.h"
#include "engine/base/base64.h"

namespace vozex::payments {
namespace {

constexpr std::string_view k_path = "/v1/notifications/certs/";
constexpr std::size_t k_longest_name = 100;
constexpr std::size_t k_longest_id = 200;

constexpr std::string_view k_live_hosts[] = {"api.paypal.com", "api-m.paypal.com"};
constexpr std::string_view k_test_hosts[] = {"api.sandbox.paypal.com", "api-m.sandbox.paypal.com"};

Failure refused(std::string code, std::string message) {
  return fail(ErrorClass::refused, std::move(code), std::move(message));
}

// The header's value, when it is there and not too long to be one.
std::string header_at(const http::Headers& headers, std::string_view name) {
  const auto* value = http::find_header(headers, name);
  return value == nullptr ? std::string() : *value;
}

// What comes after the origin; nothing when the URL isn't of it.
std::optional<std::string_view> after(std::string_view url, std::string_view origin) {
  if (!url.starts_with(origin)) return std::nullopt;
  return url.substr(origin.size());
}

std::optional<std::string_view> path_of(std::string_view url,
                                        Environment environment,
                                        std::string_view origin) {
  if (!origin.empty()) return after(url, origin);
  const auto among = [&](std::span<const std::string_view> hosts) {
    std::optional<std::string_view> found;
    for (const auto host : hosts) {
      if (!found) found = after(url, "https://" + std::string(host));
      if (found && !found->starts_with('/')) found.reset();
    }
    return found;
  };
  std::optional<std::string_view> path;
  if (environment != Environment::test) path = among(k_live_hosts);
  if (!path && environment != Environment::live) path = among(k_test_hosts);
  return path;
}

}  // namespace

Result<Transmission> read_transmission(const http::Headers& headers, Timestamp now) {
  Transmission out;
  out.id = header_at(headers, "paypal-transmission-id");
  out.time = header_at(headers, "paypal-transmission-time");
  out.certificate_url = header_at(headers, "paypal-cert-url");
  const auto signature = header_at(headers, "paypal-transmission-sig");
  const auto algorithm = header_at(headers, "paypal-auth-algo");
  if (out.id.empty() || out.id.size() > k_longest_id || out.time.empty() ||
      out.certificate_url.empty() || signature.empty() || algorithm.empty()) {
    return refused("webhook_header_missing",
                   "expected the headers paypal-transmission-id, -time and -sig, paypal-cert-url "
                   "and paypal-auth-algo");
  }
  if (algorithm != "SHA256withRSA")
    return refused("webhook_algorithm_unknown", "paypal-auth-algo must be SHA256withRSA");
  const auto sent_at = parse_timestamp(out.time);
  if (!sent_at)
    return refused("webhook_timestamp_invalid",
                   "paypal-transmission-time must be an RFC 3339 time");
  if (now - *sent_at > k_paypal_tolerance)
    return refused("webhook_too_old", "the webhook was signed too long ago");
  if (*sent_at - now > http::k_webhook_tolerance)
    return refused("webhook_too_new", "the webhook was signed in the future");
  auto bytes = parse_base64(signature);
  if (!bytes) return refused("webhook_signature_wrong", "paypal-transmission-sig must be base64");
  out.signature = *std::move(bytes);
  return out;
}

Result<std::string> certificate_name(std::string_view url,
                                     Environment environment,
                                     std::string_view origin) {
  const auto path = path_of(url, environment, origin);
  if (path && path->starts_with(k_path)) {
    const auto name = path->substr(k_path.size());
    const bool plain = name.find_first_not_of(
                           "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
                       std::string_view::npos;
    if (!name.empty() && name.size() <= k_longest_name && plain) return std::string(name);
  }
  return refused("webhook_certificate_url",
                 "paypal-cert-url must be a certificate of PayPal's in our environment");
}

std::string crc32_decimal(std::string_view bytes) {
  boost::crc_32_type crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return std::to_string(crc.checksum());
}

std::string signed_text(const Transmission& transmission,
                        std::string_view webhook_id,
                        std::string_view body) {
  return transmission.id + "|" + transmission.time + "|" + std::string(webhook_id) + "|" +
         crc32_decimal(body);
}

}  // namespace vozex::payments

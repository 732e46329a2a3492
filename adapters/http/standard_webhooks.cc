// SPDX-License-Identifier: Apache-2.0
#include "adapters/http/standard_webhooks.h"

#include "engine/base/assert.h"
#include "engine/base/base64.h"

namespace vozex::http {
namespace {

constexpr std::size_t k_max_signatures = 20;

std::string signature(std::string_view key,
                      std::string_view id,
                      std::string_view timestamp,
                      std::string_view body) {
  std::string content;
  content.reserve(id.size() + timestamp.size() + body.size() + 2);
  content.append(id).append(".").append(timestamp).append(".").append(body);
  return base64(hmac_sha256(key, content));
}

// Whether any `v1,` entry of the header is the expected one.
bool any_matches(std::string_view header, std::string_view expected) {
  bool found = false;
  for (std::size_t count = 0; !header.empty() && count < k_max_signatures; ++count) {
    const auto blank = header.find(' ');
    const auto entry = header.substr(0, blank);
    header = blank == std::string_view::npos ? std::string_view{} : header.substr(blank + 1);
    if (entry.starts_with("v1,")) found = same_in_constant_time(entry.substr(3), expected) || found;
  }
  return found;
}

Failure refused(std::string code, std::string message) {
  return fail(ErrorClass::refused, std::move(code), std::move(message));
}

}  // namespace

Result<std::string> parse_webhook_secret(std::string_view secret) {
  constexpr std::string_view k_prefix = "whsec_";
  if (secret.starts_with(k_prefix)) secret.remove_prefix(k_prefix.size());
  auto key = parse_base64(secret, Base64Form::lenient);
  if (!key || key->empty()) {
    return fail(ErrorClass::invalid,
                "webhook_secret_invalid",
                "a webhook secret must be whsec_ and base64");
  }
  return *std::move(key);
}

Headers sign_webhook(const std::vector<std::string>& keys,
                     std::string_view id,
                     Timestamp attempt_at,
                     std::string_view body) {
  VOZEX_ASSERT(id.find('.') == std::string_view::npos);
  const std::string timestamp = std::to_string(unix_seconds(attempt_at));
  std::string list;
  for (const auto& key : keys) {
    list += (list.empty() ? "v1," : " v1,") + signature(key, id, timestamp, body);
  }
  return {{"webhook-id", std::string(id)},
          {"webhook-timestamp", timestamp},
          {"webhook-signature", std::move(list)}};
}

Result<std::string> verify_webhook(const std::vector<std::string>& secrets,
                                   const Headers& headers,
                                   std::string_view body,
                                   Timestamp now) {
  std::vector<std::string> keys;
  for (const auto& secret : secrets) {
    if (auto key = parse_webhook_secret(secret)) keys.push_back(*std::move(key));
  }
  if (keys.empty()) {
    return fail(ErrorClass::invalid,
                "webhook_secret_invalid",
                "there is no usable secret to verify webhooks with");
  }
  const auto* id = find_header(headers, "webhook-id");
  const auto* timestamp = find_header(headers, "webhook-timestamp");
  const auto* signatures = find_header(headers, "webhook-signature");
  if (id == nullptr || id->empty() || timestamp == nullptr || signatures == nullptr) {
    return refused("webhook_header_missing",
                   "expected the headers webhook-id, webhook-timestamp and webhook-signature");
  }
  const auto sent_at = parse_unix_seconds(*timestamp);
  if (!sent_at)
    return refused("webhook_timestamp_invalid", "webhook-timestamp must be unix seconds");
  if (const auto in_time = check_signing_time(*sent_at, now); !in_time)
    return tl::unexpected(in_time.error());
  bool found = false;
  for (const auto& key : keys) {
    found = any_matches(*signatures, signature(key, *id, *timestamp, body)) || found;
  }
  if (!found)
    return refused("webhook_signature_wrong",
                   "no signature of the webhook fits any of our secrets");
  return *id;
}

}  // namespace vozex::http

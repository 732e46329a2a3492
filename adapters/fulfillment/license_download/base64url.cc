// SPDX-License-Identifier: Apache-2.0
#include "adapters/fulfillment/license_download/base64url.h"

#include <sodium.h>

namespace vozex::fulfillment {

constexpr int k_variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

std::string to_base64url(std::string_view bytes) {
  std::string out(sodium_base64_encoded_len(bytes.size(), k_variant), '\0');
  sodium_bin2base64(out.data(),
                    out.size(),
                    reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(),
                    k_variant);
  out.pop_back();  // the zero that libsodium writes
  return out;
}

std::optional<std::string> from_base64url(std::string_view text) {
  std::string out(text.size() / 4 * 3 + 3, '\0');
  std::size_t size = 0;
  const int fault = sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()),
                                      out.size(),
                                      text.data(),
                                      text.size(),
                                      nullptr,
                                      &size,
                                      nullptr,
                                      k_variant);
  if (fault != 0) return std::nullopt;
  out.resize(size);
  return out;
}

}  // namespace vozex::fulfillment

// SPDX-License-Identifier: Apache-2.0
#include "api/sandbox/currency.h"

#include <charconv>

namespace vozex::sandbox {

int decimals_of(const std::string& currency) {
  constexpr std::string_view k_none =
      " BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF ";
  constexpr std::string_view k_three = " BHD IQD JOD KWD LYD OMR TND ";
  const std::string word = " " + currency + " ";
  if (k_none.find(word) != std::string_view::npos) return 0;
  return k_three.find(word) != std::string_view::npos ? 3 : 2;
}

std::string decimal_text(std::int64_t minor, const std::string& currency) {
  const bool negative = minor < 0;
  std::string digits = std::to_string(minor).substr(negative ? 1 : 0);
  const auto decimals = static_cast<std::size_t>(decimals_of(currency));
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  if (decimals > 0) digits.insert(digits.size() - decimals, ".");
  return (negative ? "-" : "") + digits;
}

std::optional<std::int64_t> minor_of(const std::string& decimal, const std::string& currency) {
  const auto decimals = static_cast<std::size_t>(decimals_of(currency));
  const auto point = decimal.find('.');
  std::string whole = decimal.substr(0, point);
  std::string part = point == std::string::npos ? "" : decimal.substr(point + 1);
  if (whole.empty() || part.size() > decimals) return std::nullopt;
  part.append(decimals - part.size(), '0');
  whole += part;
  std::int64_t minor = 0;
  const auto parsed = std::from_chars(whole.data(), whole.data() + whole.size(), minor);
  if (parsed.ec != std::errc() || parsed.ptr != whole.data() + whole.size()) return std::nullopt;
  return minor;
}

}  // namespace vozex::sandbox

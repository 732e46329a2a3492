// SPDX-License-Identifier: Apache-2.0
#include "engine/types/currency.h"

namespace vozex::types {
namespace {

constexpr std::string_view k_none =
    " BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF ";
constexpr std::string_view k_two =
    " AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN "
    "BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP "
    "GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP "
    "LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR "
    "NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN "
    "SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR "
    "ZMW ZWG ";
constexpr std::string_view k_three = " BHD IQD JOD KWD LYD OMR TND ";
constexpr std::string_view k_four = " CLF UYW ";

bool has(std::string_view list, std::string_view code) {
  for (std::size_t at = list.find(code); at != std::string_view::npos;
       at = list.find(code, at + 1)) {
    if (list[at - 1] == ' ' && list[at + 3] == ' ') return true;
  }
  return false;
}

}  // namespace

std::optional<int> currency_exponent(std::string_view code) {
  if (code.size() != 3 || code.find(' ') != std::string_view::npos) return std::nullopt;
  if (has(k_two, code)) return 2;
  if (has(k_none, code)) return 0;
  if (has(k_three, code)) return 3;
  if (has(k_four, code)) return 4;
  return std::nullopt;
}

}  // namespace vozex::types

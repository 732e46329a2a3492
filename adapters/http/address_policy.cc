// SPDX-License-Identifier: Apache-2.0
#include "adapters/http/address_policy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>

namespace vozex::http {
namespace {

struct Range4 {
  std::uint32_t network;
  unsigned bits;
};

constexpr std::uint32_t ip4(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return (a << 24) | (b << 16) | (c << 8) | d;
}

constexpr Range4 k_special4[] = {
    {ip4(0, 0, 0, 0), 8},
    {ip4(10, 0, 0, 0), 8},
    {ip4(100, 64, 0, 0), 10},
    {ip4(127, 0, 0, 0), 8},
    {ip4(169, 254, 0, 0), 16},
    {ip4(172, 16, 0, 0), 12},
    {ip4(192, 0, 0, 0), 24},
    {ip4(192, 0, 2, 0), 24},
    {ip4(192, 88, 99, 0), 24},
    {ip4(192, 168, 0, 0), 16},
    {ip4(198, 18, 0, 0), 15},
    {ip4(198, 51, 100, 0), 24},
    {ip4(203, 0, 113, 0), 24},
    {ip4(224, 0, 0, 0), 4},
    {ip4(240, 0, 0, 0), 4},
};

bool is_public4(std::uint32_t address) {
  return std::none_of(std::begin(k_special4), std::end(k_special4), [&](const Range4& range) {
    const std::uint32_t mask = ~std::uint32_t{0} << (32 - range.bits);
    return (address & mask) == range.network;
  });
}

std::uint32_t ip4_at(const std::array<std::uint8_t, 16>& bytes, std::size_t at) {
  return ip4(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
}

bool is_public6(const std::array<std::uint8_t, 16>& b) {
  const bool high_zero =
      std::all_of(b.begin(), b.begin() + 10, [](std::uint8_t x) { return x == 0; });
  if (high_zero && b[10] == 0xff && b[11] == 0xff)
    return is_public4(ip4_at(b, 12));                                  // ::ffff:a.b.c.d
  if (b[0] == 0x00 && b[1] == 0x64 && b[2] == 0xff && b[3] == 0x9b) {  // 64:ff9b::/96
    return is_public4(ip4_at(b, 12));
  }
  if (b[0] == 0x20 && b[1] == 0x02) return is_public4(ip4_at(b, 2));  // 6to4
  if (b[0] == 0x20 && b[1] == 0x01 && b[2] < 0x02) return false;      // 2001::/23, Teredo among it
  if (b[0] == 0x20 && b[1] == 0x01 && b[2] == 0x0d && b[3] == 0xb8) return false;  // documentation
  return (b[0] & 0xe0) == 0x20;  // 2000::/3 is all of global unicast
}

}  // namespace

bool is_public_address(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &address, sizeof in);
    return is_public4(ntohl(in.sin_addr.s_addr));
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, &address, sizeof in);
    std::array<std::uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), &in.sin6_addr, bytes.size());
    return is_public6(bytes);
  }
  return false;
}

bool is_public_address(std::string_view text) {
  const std::string copy(text);
  in_addr four{};
  if (inet_pton(AF_INET, copy.c_str(), &four) == 1) return is_public4(ntohl(four.s_addr));
  std::array<std::uint8_t, 16> six{};
  return inet_pton(AF_INET6, copy.c_str(), six.data()) == 1 && is_public6(six);
}

}  // namespace vozex::http

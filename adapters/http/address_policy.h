// SPDX-License-Identifier: Apache-2.0
//
// Which network addresses an outgoing request may reach. Judged on the resolved address just before
// connecting, so a name that resolves to something private is refused like the address itself.
// Ranges: IANA special-purpose registries for IPv4 and IPv6 (loopback, private, link-local, shared,
// benchmarking, documentation, multicast, unspecified, unique-local, and IPv4 embedded in IPv6).
// Thread rule: pure.
#pragma once

#include <string_view>

struct sockaddr;

namespace vozex::http {

// Whether the address is on the public internet. Anything that is not IPv4 or IPv6 is not.
bool is_public_address(const sockaddr& address);
// The same for the textual form, without brackets or port; false when it is no address.
bool is_public_address(std::string_view text);

}  // namespace vozex::http

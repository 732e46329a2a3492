// SPDX-License-Identifier: Apache-2.0
//
// Strongly connected components of a directed graph (Tarjan 1972), without recursion: what lies on
// a common cycle. Linear.
#pragma once

#include <cstdint>
#include <vector>

namespace vozex::language {

using Edges = std::vector<std::vector<std::uint32_t>>;  // by node: where it leads

// By node: the number of its component; equal numbers mean that each leads to the other.
std::vector<std::uint32_t> components(const Edges& edges);

}  // namespace vozex::language

// SPDX-License-Identifier: Apache-2.0
#include "engine/language/analysis/components.h"

#include <algorithm>
#include <limits>

namespace vozex::language {
namespace {

constexpr std::uint32_t k_new = std::numeric_limits<std::uint32_t>::max();

class Search {
 public:
  explicit Search(const Edges& edges)
      : edges_(edges),
        order_(edges.size(), k_new),
        low_(edges.size(), 0),
        open_(edges.size(), false),
        component_(edges.size(), k_new) {
    for (std::uint32_t start = 0; start < edges.size(); ++start) {
      if (order_[start] == k_new) visit_from(start);
    }
  }

  std::vector<std::uint32_t> take() { return std::move(component_); }

 private:
  struct Visit {
    std::uint32_t node;
    std::size_t next;  // edge
  };

  void open(std::uint32_t node) {
    order_[node] = low_[node] = count_++;
    stack_.push_back(node);
    open_[node] = true;
    path_.push_back({node, 0});
  }

  void close(std::uint32_t node) {
    std::uint32_t member = k_new;
    while (member != node) {
      member = stack_.back();
      stack_.pop_back();
      open_[member] = false;
      component_[member] = node;
    }
  }

  void visit_from(std::uint32_t start) {
    open(start);
    while (!path_.empty()) {
      const std::uint32_t node = path_.back().node;
      if (path_.back().next < edges_[node].size()) {
        const std::uint32_t to = edges_[node][path_.back().next++];
        if (order_[to] == k_new) {
          open(to);
        } else if (open_[to]) {
          low_[node] = std::min(low_[node], order_[to]);
        }
        continue;
      }
      if (low_[node] == order_[node]) close(node);
      path_.pop_back();
      if (!path_.empty()) low_[path_.back().node] = std::min(low_[path_.back().node], low_[node]);
    }
  }

  const Edges& edges_;
  std::vector<std::uint32_t> order_;
  std::vector<std::uint32_t> low_;
  std::vector<bool> open_;
  std::vector<std::uint32_t> component_;
  std::vector<std::uint32_t> stack_;
  std::vector<Visit> path_;
  std::uint32_t count_ = 0;
};

}  // namespace

std::vector<std::uint32_t> components(const Edges& edges) { return Search(edges).take(); }

}  // namespace vozex::language

// SPDX-License-Identifier: Apache-2.0
#include "api/http/router.h"

#include <algorithm>
#include <optional>

namespace vozex::http {
namespace {

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    if (path.front() == '/') path.remove_prefix(1);
    const std::string_view segment = path.substr(0, path.find('/'));
    segments.push_back(segment);
    path.remove_prefix(segment.size());
  }
  return segments;
}

// nullopt when one of them is malformed: then no pattern fits.
std::optional<std::vector<std::string>> decoded_segments(std::string_view path) {
  std::vector<std::string> decoded;
  for (const std::string_view segment : segments_of(path)) {
    auto text = percent_decode(segment);
    if (!text) return std::nullopt;
    decoded.push_back(*std::move(text));
  }
  return decoded;
}

bool is_parameter(std::string_view segment) { return segment.size() > 2 && segment.front() == '{'; }

// How many parameters the path gives, or nullopt when it does not fit.
template <class Pattern>
std::optional<std::size_t> fit(const Pattern& pattern, const std::vector<std::string>& path) {
  if (pattern.size() != path.size()) return std::nullopt;
  std::size_t parameters = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i].is_parameter ? path[i].empty() : pattern[i].text != path[i]) return std::nullopt;
    if (pattern[i].is_parameter) ++parameters;
  }
  return parameters;
}

}  // namespace

void Router::wrap(const std::function<Handler(const Route&)>& around) {
  for (Route& route : routes_) route.handler = around(route);
}

void Router::add(Route route) {
  std::vector<Segment> pattern;
  for (const std::string_view segment : segments_of(route.pattern)) {
    const bool named = is_parameter(segment);
    pattern.push_back(
        {std::string(named ? segment.substr(1, segment.size() - 2) : segment), named});
  }
  patterns_.push_back(std::move(pattern));
  routes_.push_back(std::move(route));
}

Router::Match Router::match(std::string_view method, std::string_view path) const {
  Match best;
  auto segments = decoded_segments(path);
  if (!segments) return best;
  std::size_t chosen = 0;
  std::size_t fewest = 0;  // parameters of the chosen one
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    const auto parameters = fit(patterns_[i], *segments);
    if (!parameters) continue;
    const Route& route = routes_[i];
    if (route.method != method && !(method == "HEAD" && route.method == "GET")) {
      if (std::find(best.allowed.begin(), best.allowed.end(), route.method) == best.allowed.end()) {
        best.allowed.push_back(route.method);
      }
    } else if (best.route == nullptr || *parameters < fewest) {
      best.route = &route;
      chosen = i;
      fewest = *parameters;
    }
  }
  if (best.route == nullptr) return best;
  for (std::size_t i = 0; i < segments->size(); ++i) {
    const Segment& segment = patterns_[chosen][i];
    if (segment.is_parameter) best.parameters.emplace_back(segment.text, std::move((*segments)[i]));
  }
  return best;
}

}  // namespace vozex::http

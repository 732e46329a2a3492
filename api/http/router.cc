// SPDX-License-Identifier: Apache-2.0
#include "api/http/router.h"

#include <algorithm>
#include <optional>

namespace vozex::http {
namespace {

using Parameters = std::vector<std::pair<std::string, std::string>>;

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

bool is_parameter(std::string_view segment) { return segment.size() > 2 && segment.front() == '{'; }

std::optional<Parameters> fit(std::string_view pattern, const std::vector<std::string_view>& path) {
  const auto wanted = segments_of(pattern);
  if (wanted.size() != path.size()) return std::nullopt;
  Parameters parameters;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto decoded = percent_decode(path[i]);
    if (!decoded) return std::nullopt;
    if (is_parameter(wanted[i])) {
      if (decoded->empty()) return std::nullopt;
      parameters.emplace_back(std::string(wanted[i].substr(1, wanted[i].size() - 2)), *decoded);
    } else if (wanted[i] != *decoded) {
      return std::nullopt;
    }
  }
  return parameters;
}

}  // namespace

void Router::wrap(const std::function<Handler(const Route&)>& around) {
  for (Route& route : routes_) route.handler = around(route);
}

void Router::add(Route route) { routes_.push_back(std::move(route)); }

Router::Match Router::match(std::string_view method, std::string_view path) const {
  Match best;
  const auto path_segments = segments_of(path);
  for (const Route& route : routes_) {
    auto parameters = fit(route.pattern, path_segments);
    if (!parameters) continue;
    if (route.method != method && !(method == "HEAD" && route.method == "GET")) {
      if (std::find(best.allowed.begin(), best.allowed.end(), route.method) == best.allowed.end()) {
        best.allowed.push_back(route.method);
      }
      continue;
    }
    if (best.route == nullptr || parameters->size() < best.parameters.size()) {
      best.route = &route;
      best.parameters = std::move(*parameters);
    }
  }
  return best;
}

}  // namespace vozex::http

// SPDX-License-Identifier: Apache-2.0
//
// Router: method and path pattern -> route. Patterns are literal segments and "{name}" for exactly
// one segment; a literal segment wins over a parameter. A known path with another method answers
// 405 with Allow, an unknown one 404. Thread rule: built before the server starts, immutable then.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/message.h"

namespace vozex::http {

inline constexpr std::size_t k_default_body_limit = 1u << 20;

struct Route {
  std::string method;
  std::string pattern;
  Handler handler;
  bool open = false;                              // needs no API key
  std::size_t body_limit = k_default_body_limit;  // bytes; more is 413 before it is read
  // Its query parameters. A route with a key refuses others; an open one takes what comes.
  std::vector<std::string> query = {};
};

class Router {
 public:
  void add(Route route);
  // Replaces each handler by what `around` makes of its route.
  void wrap(const std::function<Handler(const Route&)>& around);

  struct Match {
    const Route* route = nullptr;  // null: see allowed
    std::vector<std::pair<std::string, std::string>> parameters;
    std::vector<std::string> allowed;  // methods of this path, when the method doesn't fit
  };
  // `path` as it came, still encoded.
  Match match(std::string_view method, std::string_view path) const;

  const std::vector<Route>& routes() const { return routes_; }

 private:
  // One of a pattern: its text, or the name of a parameter.
  struct Segment {
    std::string text;
    bool is_parameter = false;
  };
  std::vector<Route> routes_;
  std::vector<std::vector<Segment>> patterns_;  // of each route
};

}  // namespace vozex::http

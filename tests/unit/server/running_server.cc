// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/server/running_server.h"

#include <unistd.h>

#include <fstream>
#include <stdexcept>
#include <thread>

namespace vozex::http::test {

RunningServer::RunningServer(ServerLimits limits) {
  char path[] = "/tmp/vozex-server-test.XXXXXX";
  const int descriptor = ::mkstemp(path);
  if (descriptor < 0) throw std::runtime_error("no temporary file");
  ::close(descriptor);
  file_ = path;
  std::ofstream file(file_, std::ios::binary);
  for (int i = 0; i < 20'000; ++i) file << "0123456789";
  file.close();
  Router router;
  add_routes(router);
  const auto authenticate = [](std::string_view key) -> std::optional<std::string> {
    if (key == "secret") return "tester";
    return std::nullopt;
  };
  const auto observe =
      [this](std::string_view method, std::string_view pattern, unsigned status, auto) {
        const std::lock_guard lock(mutex_);
        seen_.push_back({std::string(method), std::string(pattern), status});
      };
  ServerOptions options;
  options.limits = limits;
  server_ = std::make_unique<Server>(options, std::move(router), authenticate, observe);
  if (auto running = server_->run(); !running) throw std::runtime_error(running.error().message);
}

void RunningServer::add_routes(Router& router) {
  const auto open = [&](std::string method, std::string pattern, Handler handler) {
    router.add(
        {std::move(method), std::move(pattern), std::move(handler), true, k_default_body_limit});
  };
  open("GET", "/hello", [](Request, Responder respond) { respond(Response::text(200, "hello")); });
  open("POST", "/echo", [](Request request, Responder respond) {
    respond(Response::text(200, std::move(request.body)));
  });
  open("GET", "/things/{id}", [](Request request, Responder respond) {
    respond(Response::text(200,
                           "thing " + std::string(request.parameter("id")) + " " +
                               request.query_value("q").value_or("-")));
  });
  open("GET", "/things/special", [](Request, Responder respond) {
    respond(Response::text(200, "special"));
  });
  open("GET", "/later", [this](Request, Responder respond) {
    const std::lock_guard lock(mutex_);
    later_.push_back(std::move(respond));
  });
  open("GET", "/throws", [](Request, Responder) { throw std::runtime_error("no"); });
  open("GET", "/file", [this](Request, Responder respond) {
    respond(Response{206, {{"content-type", "text/plain"}}, "", FilePart{file_, 10, 150'000}});
  });
  router.add(
      {"GET",
       "/private",
       [](Request request, Responder respond) { respond(Response::text(200, request.caller)); },
       false,
       k_default_body_limit});
  router.add({"POST",
              "/small",
              [](Request, Responder respond) { respond(Response::text(200, "fits")); },
              true,
              100});
}

Responder RunningServer::take_later() {
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (!later_.empty()) {
        Responder respond = std::move(later_.back());
        later_.pop_back();
        return respond;
      }
    }
    std::this_thread::yield();
  }
}

std::vector<Seen> RunningServer::seen() {
  const std::lock_guard lock(mutex_);
  return seen_;
}

}  // namespace vozex::http::test

// SPDX-License-Identifier: Apache-2.0
// Bodies and headers of events: the first line is the content type, the second a ce- header's
// value, the rest is the body.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "api/handlers/cloud_events.h"
#include "api/http/message.h"

namespace {

std::string_view line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  const std::string_view taken = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return taken;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vozex;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  http::Request request;
  request.method = "POST";
  request.headers.emplace_back("content-type", std::string(line(rest)));
  const std::string header(line(rest));
  if (!header.empty()) {
    for (const char* name : {"ce-id", "ce-source", "ce-type", "ce-specversion", "ce-time"})
      request.headers.emplace_back(name, header);
  }
  request.query = header;
  request.body = std::string(rest);
  (void)request.query_value("q");
  (void)handlers::read_cloud_events(request, Timestamp{std::chrono::hours{500'000}});
  return 0;
}

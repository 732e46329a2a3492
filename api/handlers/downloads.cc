// SPDX-License-Identifier: Apache-2.0
// GET /download/{token}: the file behind a link, whole or from where a transfer broke off. The
// token is the right to it, so no API key. What counts as a download is the rule of
// adapters/fulfillment.
#include "api/handlers/body.h"
#include "api/handlers/byte_range.h"
#include "api/handlers/routes.h"

namespace vozex::handlers {
namespace {

// `filename` for old clients, `filename*` (RFC 6266) when the name has more than plain letters.
std::string disposition(const std::string& name) {
  std::string plain;
  std::string encoded;
  constexpr char k_hex[] = "0123456789ABCDEF";
  bool is_plain = true;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = std::isalnum(byte) != 0 || c == '.' || c == '-' || c == '_';
    plain += letter || c == ' ' ? c : '_';
    if (letter) {
      encoded += c;
    } else {
      encoded += {'%', k_hex[byte >> 4], k_hex[byte & 15]};
    }
    is_plain = is_plain && (letter || c == ' ');
  }
  std::string text = "attachment; filename=\"" + plain + "\"";
  if (!is_plain) text += "; filename*=UTF-8''" + encoded;
  return text;
}

http::Response refusal_answer(const DownloadRefusal& refusal) {
  const char* title = refusal.status == 503   ? "The file can't be read just now"
                      : refusal.status == 410 ? "This link has ended"
                                              : "There is no such download";
  return http::problem(refusal.status, refusal.code, title, refusal.message);
}

// If-Range names the file that a client has a part of: when it is another one by now, it gets the
// whole.
std::string_view effective_range(const http::Request& request, const std::string& etag) {
  const std::string_view if_range = request.header("if-range");
  if (!if_range.empty() && if_range != etag) return {};
  return request.header("range");
}

http::Response file_answer(const http::Request& request, const DownloadFile& file) {
  const ByteRange range = byte_range(effective_range(request, file.etag), file.size);
  http::Response response;
  if (range.kind == RangeKind::unsatisfiable) {
    response = http::problem(416,
                             "range_not_satisfiable",
                             "The file has no such part",
                             "The file has " + std::to_string(file.size) + " bytes.");
    response.headers.emplace_back("content-range", "bytes */" + std::to_string(file.size));
    return response;
  }
  response.status = range.kind == RangeKind::part ? 206 : 200;
  response.headers = {{"content-type", file.content_type},
                      {"content-disposition", disposition(file.file_name)},
                      {"accept-ranges", "bytes"},
                      {"etag", file.etag},
                      {"cache-control", "private, no-store"}};
  if (range.kind == RangeKind::part) {
    response.headers.emplace_back("content-range",
                                  "bytes " + std::to_string(range.offset) + "-" +
                                      std::to_string(range.offset + range.length - 1) + "/" +
                                      std::to_string(file.size));
  }
  response.file = http::FilePart{file.path, range.offset, range.length};
  return response;
}

}  // namespace

void add_downloads(http::Router& router, const Services& services) {
  if (services.downloads == nullptr) return;
  router.add({"GET",
              "/download/{token}",
              blocking(*services.workers,
                       [&services](const http::Request& request) {
                         const std::string_view range = request.header("range");
                         // With If-Range the answer may start at the first byte whatever Range
                         // says: it counts as if it did.
                         const bool may_be_whole = !request.header("if-range").empty();
                         const auto file = services.downloads->open(
                             request.parameter("token"), request.method, may_be_whole ? "" : range);
                         if (!file) return refusal_answer(file.error());
                         return file_answer(request, *file);
                       }),
              true,
              http::k_default_body_limit});
}

}  // namespace vozex::handlers

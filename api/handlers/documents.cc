// SPDX-License-Identifier: Apache-2.0
#include "api/handlers/documents.h"

#include <cstdlib>
#include <memory>

#include <cmark.h>

#include "api/http/problem.h"
#include "engine/lab/error_pages.h"
#include "engine/lab/problem_pages.h"

namespace vozex::handlers {
namespace {

constexpr int k_section_level = 3;

constexpr std::string_view k_head =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width\"><title>VOZEX</title><style>"
    "body{font:16px/1.5 sans-serif;max-width:46em;margin:2em auto;padding:0 1em}"
    "pre{overflow:auto;padding:.7em;background:#8882}h3 a{color:inherit;text-decoration:none}"
    ":target{background:#fd06}:root{color-scheme:light dark}</style></head><body>\n";
constexpr std::string_view k_tail = "</body></html>\n";

struct FreeNode {
  void operator()(cmark_node* node) const { cmark_node_free(node); }
};
struct FreeText {
  void operator()(char* text) const { std::free(text); }
};

// A heading of one word becomes a place that a link leads to, by that word.
void name_section(cmark_node* heading) {
  cmark_node* word = cmark_node_first_child(heading);
  if (word == nullptr || cmark_node_get_type(word) != CMARK_NODE_TEXT ||
      cmark_node_next(word) != nullptr) {
    return;
  }
  const std::string code = cmark_node_get_literal(word);
  if (code.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") != std::string::npos) return;
  cmark_node* link = cmark_node_new(CMARK_NODE_CUSTOM_INLINE);
  const std::string enter = "<a id=\"" + code + "\" href=\"#" + code + "\">";
  cmark_node_set_on_enter(link, enter.c_str());
  cmark_node_set_on_exit(link, "</a>");
  cmark_node_insert_before(word, link);
  cmark_node_append_child(link, word);
}

// Markdown of our own as a page. HTML in it would be left out.
std::string page_of(std::string_view markdown) {
  const std::unique_ptr<cmark_node, FreeNode> document(
      cmark_parse_document(markdown.data(), markdown.size(), CMARK_OPT_DEFAULT));
  cmark_consolidate_text_nodes(document.get());
  for (cmark_node* node = cmark_node_first_child(document.get()); node != nullptr;
       node = cmark_node_next(node)) {
    if (cmark_node_get_type(node) == CMARK_NODE_HEADING &&
        cmark_node_get_heading_level(node) == k_section_level) {
      name_section(node);
    }
  }
  const std::unique_ptr<char, FreeText> html(cmark_render_html(document.get(), CMARK_OPT_DEFAULT));
  return std::string(k_head) + html.get() + std::string(k_tail);
}

http::Response html(std::string page) {
  http::Response response = http::Response::text(200, std::move(page));
  response.headers[0].second = "text/html; charset=utf-8";
  response.headers.emplace_back("content-security-policy",
                                "default-src 'none'; style-src 'unsafe-inline'");
  response.headers.emplace_back("cache-control", "public, max-age=3600");
  return response;
}

http::Response error_page(const http::Request& request) {
  const std::string_view code = request.parameter("code");
  for (const lab::ErrorPage& page : lab::error_pages()) {
    if (page.code == code) return html(page_of(page.text));
  }
  return http::problem(404,
                       "no_such_page",
                       "There is nothing here",
                       "No mistake in a workflow has the code \"" + std::string(code) +
                           "\": expected one like VZ0201. Codes of problems are at "
                           "/docs/problems.");
}

}  // namespace

void add_documents(http::Router& router) {
  router.add({"GET",
              "/docs/problems",
              [](const http::Request&, const http::Responder& respond) {
                static const std::string page = page_of(lab::problem_documents().front().text);
                respond(html(page));
              },
              true,
              http::k_default_body_limit});
  router.add({"GET",
              "/docs/errors/{code}",
              [](const http::Request& request, const http::Responder& respond) {
                respond(error_page(request));
              },
              true,
              http::k_default_body_limit});
}

}  // namespace vozex::handlers

// SPDX-License-Identifier: Apache-2.0
//
// Markdown for a terminal: headings, paragraphs broken at the page's width, lists, code as it
// stands, tables as they are written. Pure. Tests: tests/unit/cli.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace vozex::cli {

struct PageStyle {
  std::size_t width = 80;
  bool colour = false;
};

std::string render_markdown(std::string_view markdown, const PageStyle& style);

}  // namespace vozex::cli

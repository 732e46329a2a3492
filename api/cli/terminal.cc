// SPDX-License-Identifier: Apache-2.0
#include "api/cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace vozex::cli {

bool is_terminal(Stream stream) { return ::isatty(static_cast<int>(stream)) == 1; }

bool wants_colour(Stream stream) {
  const char* off = std::getenv("NO_COLOR");
  const char* kind = std::getenv("TERM");
  const bool dumb = kind != nullptr && std::string_view(kind) == "dumb";
  return is_terminal(stream) && (off == nullptr || *off == '\0') && !dumb;
}

std::size_t page_width() {
  constexpr std::size_t k_default = 80;
  constexpr std::size_t k_narrowest = 40;
  constexpr std::size_t k_widest = 100;
  winsize size{};
  if (!is_terminal(Stream::out) || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 ||
      size.ws_col == 0)
    return k_default;
  return std::clamp<std::size_t>(size.ws_col, k_narrowest, k_widest);
}

}  // namespace vozex::cli

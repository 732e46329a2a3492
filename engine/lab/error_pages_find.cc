// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/base/text.h"
#include "engine/lab/error_pages.h"

namespace vozex::lab {
namespace {

constexpr std::string_view k_prefix = "VZ";
constexpr std::size_t k_digits = 4;
constexpr std::size_t k_longest_word = 200;

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

std::string upper(std::string_view text) {
  std::string out(text.substr(0, k_longest_word));
  for (char& c : out) c = upper(c);
  return out;
}

bool is_number(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "201", "vz201", "[VZ0201]" -> "VZ0201"; other words in capital letters.
std::string code_of(std::string_view word) {
  std::string code = upper(word);
  std::erase_if(code, [](char c) { return c == '[' || c == ']' || c == ' '; });
  const std::string_view digits = code.starts_with(k_prefix)
                                      ? std::string_view(code).substr(k_prefix.size())
                                      : std::string_view(code);
  if (!is_number(digits) || digits.size() > k_digits) return code;
  return std::string(k_prefix) + std::string(k_digits - digits.size(), '0') + std::string(digits);
}

}  // namespace

std::string_view ErrorPage::meaning() const {
  const std::string_view first = text.substr(0, text.find('\n'));
  const std::size_t colon = first.find(": ");
  return colon == std::string_view::npos ? first : first.substr(colon + 2);
}

const ErrorPage* find_error_page(std::string_view code) {
  const std::string wanted = code_of(code);
  for (const ErrorPage& page : error_pages()) {
    if (upper(page.code) == wanted) return &page;
  }
  return nullptr;
}

std::vector<const ErrorPage*> error_pages_near(std::string_view word) {
  const std::string wanted = code_of(word);
  constexpr std::size_t k_bound = 2;
  std::vector<const ErrorPage*> near;
  for (std::size_t distance = 1; distance <= k_bound; ++distance) {
    for (const ErrorPage& page : error_pages()) {
      if (edit_distance(wanted, upper(page.code), k_bound) == distance) near.push_back(&page);
    }
  }
  constexpr std::size_t k_shortest_word = 3;
  for (const ErrorPage& page : error_pages()) {
    const bool named =
        wanted.size() >= k_shortest_word && upper(page.meaning()).find(wanted) != std::string::npos;
    if (named && std::find(near.begin(), near.end(), &page) == near.end()) near.push_back(&page);
  }
  if (near.size() > k_max_near) near.resize(k_max_near);
  return near;
}

}  // namespace vozex::lab

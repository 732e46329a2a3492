// SPDX-License-Identifier: Apache-2.0
#include "api/cli/text_diff.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace vozex::cli {
namespace {

constexpr std::size_t k_context = 3;
using Lines = std::vector<std::string_view>;

struct Edit {
  char mark;  // ' ', '-' or '+'
  std::string_view line;
};

Lines split(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

// Longest common subsequence, by its textbook table.
void compare(const Lines& before, const Lines& after, std::vector<Edit>& edits) {
  const std::size_t rows = before.size();
  const std::size_t columns = after.size();
  const bool small = rows <= k_max_compared_lines && columns <= k_max_compared_lines;
  std::vector<std::uint16_t> length(small ? (rows + 1) * (columns + 1) : 0);
  const auto at = [&](std::size_t i, std::size_t j) -> std::uint16_t& {
    return length[i * (columns + 1) + j];
  };
  for (std::size_t i = rows; small && i-- > 0;) {
    for (std::size_t j = columns; j-- > 0;) {
      at(i, j) = before[i] == after[j] ? static_cast<std::uint16_t>(at(i + 1, j + 1) + 1)
                                       : std::max(at(i + 1, j), at(i, j + 1));
    }
  }
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < rows || j < columns) {
    if (small && i < rows && j < columns && before[i] == after[j]) {
      edits.push_back({' ', before[i++]});
      ++j;
    } else if (i < rows && (j == columns || !small || at(i + 1, j) >= at(i, j + 1))) {
      edits.push_back({'-', before[i++]});
    } else {
      edits.push_back({'+', after[j++]});
    }
  }
}

std::vector<Edit> edits_of(Lines before, Lines after) {
  std::vector<Edit> edits;
  edits.reserve(std::max(before.size(), after.size()));
  std::size_t same = 0;
  while (same < before.size() && same < after.size() && before[same] == after[same]) ++same;
  std::size_t tail = 0;
  while (tail < before.size() - same && tail < after.size() - same &&
         before[before.size() - 1 - tail] == after[after.size() - 1 - tail]) {
    ++tail;
  }
  const auto middle = [&](const Lines& all) {
    return Lines(all.begin() + static_cast<std::ptrdiff_t>(same),
                 all.end() - static_cast<std::ptrdiff_t>(tail));
  };
  for (std::size_t i = 0; i < same; ++i) edits.push_back({' ', before[i]});
  compare(middle(before), middle(after), edits);
  for (std::size_t i = before.size() - tail; i < before.size(); ++i)
    edits.push_back({' ', before[i]});
  return edits;
}

void append(std::string& out, const Edit& edit) {
  out += edit.mark;
  out += edit.line;
  if (!edit.line.ends_with('\n')) out += "\n\\ No newline at end of file\n";
}

std::string range_of(std::size_t first, std::size_t count) {
  return std::to_string(count == 0 ? first : first + 1) + "," + std::to_string(count);
}

}  // namespace

std::string unified_diff(std::string_view name, std::string_view before, std::string_view after) {
  if (before == after) return "";
  const std::vector<Edit> edits = edits_of(split(before), split(after));
  std::string out = "--- " + std::string(name) + "\n+++ " + std::string(name) + "\n";
  std::size_t old_line = 0;
  std::size_t new_line = 0;
  for (std::size_t i = 0; i < edits.size();) {
    std::size_t change = i;
    while (change < edits.size() && edits[change].mark == ' ') ++change;
    if (change == edits.size()) break;
    const std::size_t begin = change - std::min(k_context, change - i);
    std::size_t end = change;  // behind the last change of this hunk
    for (std::size_t k = change; k < edits.size() && k <= end + 2 * k_context; ++k) {
      if (edits[k].mark != ' ') end = k + 1;
    }
    end = std::min(end + k_context, edits.size());
    old_line += begin - i;
    new_line += begin - i;
    std::string body;
    std::size_t removed = 0;
    std::size_t added = 0;
    for (std::size_t k = begin; k < end; ++k) {
      removed += edits[k].mark != '+' ? 1U : 0U;
      added += edits[k].mark != '-' ? 1U : 0U;
      append(body, edits[k]);
    }
    out += "@@ -" + range_of(old_line, removed) + " +" + range_of(new_line, added) + " @@\n" + body;
    old_line += removed;
    new_line += added;
    i = end;
  }
  return out;
}

}  // namespace vozex::cli

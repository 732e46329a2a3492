// SPDX-License-Identifier: Apache-2.0
#include "engine/language/report.h"

#include <algorithm>

#include "engine/base/text.h"

namespace vozex::language {

void Report::error(const Code& code, const Span& span, std::string message, std::string hint) {
  add(Severity::error, std::string(code.id), span, std::move(message), std::move(hint));
}

void Report::warning(const Code& code, const Span& span, std::string message, std::string hint) {
  add(Severity::warning, std::string(code.id), span, std::move(message), std::move(hint));
}

void Report::error(std::string code, const Span& span, std::string message, std::string hint) {
  add(Severity::error, std::move(code), span, std::move(message), std::move(hint));
}

void Report::add(
    Severity severity, std::string code, const Span& span, std::string message, std::string hint) {
  if (severity == Severity::error) ++errors_;
  if (++findings_ > k_max_findings) return;
  out_->push_back(
      {severity, std::move(code), std::move(message), source_->name(), span, std::move(hint)});
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
  // A word broken off is more likely than one mistyped.
  constexpr std::size_t k_shortest = 3;
  constexpr std::size_t k_most_candidates = 2500;
  if (known.size() > k_most_candidates) return "";
  std::optional<std::string> meant;
  int longer = 0;
  for (const std::string& candidate : known) {
    if (word.size() < k_shortest || !candidate.starts_with(word) || candidate == word) continue;
    meant = candidate;
    ++longer;
  }
  if (longer != 1) meant = nearest(word, known);
  return meant ? "did you mean `" + *meant + "`?" : "";
}

std::string list_names(const std::vector<std::string>& names, std::size_t limit) {
  std::string text;
  const std::size_t shown = std::min(limit, names.size());
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) text += ", ";
    text += "`" + names[i] + "`";
  }
  if (names.size() > shown) text += " and " + std::to_string(names.size() - shown) + " more";
  return text;
}

}  // namespace vozex::language

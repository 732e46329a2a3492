// SPDX-License-Identifier: Apache-2.0
#include "engine/language/yaml_reader.h"

#include <algorithm>
#include <set>
#include <string>

#include "engine/base/text.h"
#include "engine/language/compile.h"
#include "engine/language/report.h"
#include "engine/language/yaml_attempt.h"
#include "engine/language/yaml_recovery.h"

namespace vozex::language {
namespace {

// Each repair reads the file anew, so a large file gets fewer.
constexpr std::size_t k_max_repairs = 40;
constexpr std::size_t k_repair_budget_bytes = 4u << 20;

bool check_text(const SourceText& source, Report& report) {
  const std::string_view text = source.text();
  if (text.size() > k_max_file_bytes) {
    report.error(code::too_large,
                 {},
                 "the file has " + std::to_string(text.size()) + " bytes, the limit is " +
                     std::to_string(k_max_file_bytes),
                 "split it: one file is one lifecycle");
    return false;
  }
  if (!is_valid_utf8(text)) {
    std::uint32_t line = 1;
    while (line < source.lines() && is_valid_utf8(source.line(line))) ++line;
    report.error(
        code::not_utf8, {line, 1, 0}, "this line is not UTF-8 text", "save the file as UTF-8");
    return false;
  }
  const std::size_t nul = text.find('\0');
  if (nul != std::string_view::npos) {
    report.error(code::not_utf8, source.span(nul, nul), "a NUL byte: this is not a text file", "");
    return false;
  }
  return true;
}

// Makes the text readable behind an accident: the value that it struck is blanked out where that
// is known, else the entry around it is given up, and the one around that if reading still fails.
class Recovery {
 public:
  Recovery(std::string& text, std::set<std::size_t>& broken) : text_(text), broken_(broken) {}

  // The accident is what is left of one that was reported and not yet mended.
  bool speaks_of_the_last(const Accident& accident) const {
    return lost_ && (accident.span.line == blamed_ || (accident.span.line >= lost_->first_line &&
                                                       accident.span.line <= lost_->last_line));
  }
  bool lost_something() const { return lost_.has_value(); }

  // False when nothing can be done.
  bool mend(const Accident& accident, bool again) {
    if (accident.repair && broken_.insert(accident.repair->first).second) {
      const auto [begin, end] = *accident.repair;
      std::fill(text_.begin() + static_cast<std::ptrdiff_t>(begin),
                text_.begin() + static_cast<std::ptrdiff_t>(end),
                ' ');
      text_[begin] = accident.filler;
      return true;
    }
    if (!again) {
      blamed_ = accident.span.line;
      level_ = 0;
    }
    while (auto lost = enclosing_entry(text_, blamed_, level_++)) {
      give_up(text_, *lost);
      lost_ = lost;
      if (broken_.insert(lost->begin).second) return true;
    }
    return false;
  }

 private:
  std::string& text_;
  std::set<std::size_t>& broken_;
  std::optional<LostEntry> lost_;
  std::uint32_t blamed_ = 0;
  int level_ = 0;
};

}  // namespace

std::optional<Node> read_yaml(const SourceText& source,
                              std::vector<Diagnostic>& out,
                              std::size_t* hidden) {
  Report report(source, out);
  if (!check_text(source, report)) return std::nullopt;
  std::string text(source.text());
  std::set<std::size_t> broken;
  Recovery recovery(text, broken);
  const std::size_t rounds = std::min(k_max_repairs, 1 + k_repair_budget_bytes / (text.size() + 1));
  for (std::size_t round = 0; round < rounds; ++round) {
    std::vector<Diagnostic> found;
    Report attempt_report(source, found);
    Attempt attempt = parse_once(source, text, broken, attempt_report);
    if (attempt.accident) {
      const Accident& accident = *attempt.accident;
      const bool said = recovery.speaks_of_the_last(accident);
      if (!said) report.error(*accident.code, accident.span, accident.message, accident.hint);
      if (recovery.mend(accident, said)) continue;
    }
    out.insert(out.end(), found.begin(), found.end());
    if (hidden != nullptr) *hidden = attempt_report.hidden();
    if (attempt.root) attempt.root->cut = attempt.root->cut || recovery.lost_something();
    if (attempt.root || has_errors(out)) return std::move(attempt.root);
    report.error(code::empty_file,
                 {1, 1, 0},
                 "the file is empty",
                 "begin with `vozex: 1` and `workflow: <name>`");
    return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace vozex::language

// SPDX-License-Identifier: Apache-2.0
//
// Report: collects what is wrong with one file. Codes are those of codes.h and of expr.
#pragma once

#include <string>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/language/codes.h"
#include "engine/language/node.h"
#include "engine/language/source_text.h"

namespace vozex::language {

// Beyond this many findings in one file the rest is cut: the first ones are worth reading.
inline constexpr std::size_t k_max_findings = 200;

class Report {
 public:
  // Both must outlive this.
  Report(const SourceText& source, std::vector<Diagnostic>& out) : source_(&source), out_(&out) {}

  void error(const Code& code, const Span& span, std::string message, std::string hint = "");
  void warning(const Code& code, const Span& span, std::string message, std::string hint = "");
  // A finding of the expression compiler.
  void error(std::string code, const Span& span, std::string message, std::string hint);

  bool has_errors() const { return errors_ > 0; }
  // Nothing more is kept: don't work for hints that nobody reads.
  bool is_full() const { return findings_ >= k_max_findings; }
  // How many findings were cut, and whether an error is among all of them.
  std::size_t hidden() const { return findings_ > k_max_findings ? findings_ - k_max_findings : 0; }
  const SourceText& source() const { return *source_; }
  std::vector<Diagnostic>& diagnostics() { return *out_; }

 private:
  void add(
      Severity severity, std::string code, const Span& span, std::string message, std::string hint);

  const SourceText* source_;
  std::vector<Diagnostic>* out_;
  std::size_t errors_ = 0;
  std::size_t findings_ = 0;
};

// "did you mean `x`?" for the nearest of `known`, else "".
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known);

// "`a`, `b`, `c`": at most `limit` of them, then "and 7 more".
std::string list_names(const std::vector<std::string>& names, std::size_t limit = 12);

}  // namespace vozex::language

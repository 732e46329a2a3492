// SPDX-License-Identifier: Apache-2.0
//
// Reading a map by a schema of grammar.h: which keys a place has, and which shape each value takes.
// Says at once what doesn't fit: unknown keys with the nearest known one, wrong shapes with what
// was expected. Thread rule: plain values. Tests: tests/golden/diagnostics.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/time.h"
#include "engine/language/grammar.h"
#include "engine/language/node.h"
#include "engine/language/report.h"

namespace vozex::language {

// Whether `node` has one of the shapes; says so if not. `what` names it: "`on`".
bool has_shape(const Node& node,
               unsigned shapes,
               const std::string& what,
               Report& report,
               std::string_view example = "");

class Fields {
 public:
  // `owner` is where to point when something is missing. The node, the schema and the report must
  // outlive this.
  Fields(const Node& node, const Schema& schema, const Span& owner, Report& report);

  // Value of a key; nullptr when absent, broken, or of the wrong shape (which has been said).
  const Node* get(std::string_view key) const;
  // The value, or an error that it is needed.
  const Node* need(std::string_view key) const;
  // No unknown keys.
  bool clean() const { return clean_; }
  // Whether the author wrote the key at all.
  bool has(std::string_view key) const;
  Span key_span(std::string_view key) const;
  const Span& owner() const { return owner_; }
  // Says that `b` can't stand beside `a` when both are there; true if so.
  bool exclusive(std::string_view a, std::string_view b, const std::string& hint) const;

 private:
  const Node& node_;
  const Schema& schema_;
  Span owner_;
  Report& report_;
  std::vector<bool> usable_;  // by position in the map
  bool clean_ = true;
};

// Scalars of the language's own settings. Each says what it expected when the text doesn't fit.
std::optional<bool> read_bool(const Node& node, const std::string& what, Report& report);
std::optional<std::int64_t> read_int(
    const Node& node, const std::string& what, std::int64_t min, std::int64_t max, Report& report);
std::optional<double> read_number(const Node& node, const std::string& what, Report& report);
std::optional<Duration> read_duration(const Node& node, const std::string& what, Report& report);
// Position in `choices`.
std::optional<std::size_t> read_choice(const Node& node,
                                       const std::string& what,
                                       std::span<const std::string_view> choices,
                                       Report& report);
// A list of texts, or one text.
std::vector<std::string> read_texts(const Node& node, const std::string& what, Report& report);

// Letters, digits and _, not beginning with a digit. States may have '-' inside, too.
bool is_identifier(std::string_view text);
bool is_state_name(std::string_view text);
// Tokens of letters, digits, '_' and '-', joined by dots.
bool is_event_name(std::string_view text);

// "a leading zero", "yes": the accidents of plain scalars. True when one was reported.
bool reports_octal(const Node& node, Report& report, bool may_be_text = false);
bool reports_word_boolean(const Node& node, Report& report);

}  // namespace vozex::language

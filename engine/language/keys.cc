// SPDX-License-Identifier: Apache-2.0
#include "engine/language/keys.h"

#include <algorithm>

#include "engine/base/text.h"

namespace vozex::language {
namespace {

// Words of other tools that mean a key of ours.
struct Synonym {
  std::string_view word;
  std::string_view key;
};
constexpr Synonym k_synonyms[] = {
    {"guard", "when"},       {"cond", "when"},      {"condition", "when"},
    {"if", "when"},          {"entry", "on_entry"}, {"onEntry", "on_entry"},
    {"enter", "on_entry"},   {"exit", "on_exit"},   {"onExit", "on_exit"},
    {"leave", "on_exit"},    {"onDone", "on_done"}, {"onError", "on_error"},
    {"events", "on"},        {"transitions", "on"}, {"assign", "set"},
    {"next", "target"},      {"to", "target"},      {"goto", "target"},
    {"then", "do"},          {"actions", "do"},     {"run", "do"},
    {"steps", "do"},         {"delay", "after"},    {"timeout", "after"},
    {"timers", "after"},     {"args", "with"},      {"params", "with"},
    {"input", "with"},       {"with", "input"},     {"parallel", "regions"},
    {"substates", "states"}, {"name", "workflow"},  {"description", "doc"},
    {"context", "data"},     {"variables", "data"}, {"expr", "holds"},
    {"condition", "holds"},  {"check", "holds"},    {"foreach", "for_each"},
    {"retries", "retry"},    {"final", "type"},     {"returns", "output"},
    {"imports", "import"},   {"schedule", "every"}, {"invokes", "invoke"},
    {"publish", "emit"},     {"send", "emit"},      {"answer", "reply"},
    {"label", "title"},
};

std::vector<std::string> names_of(const Schema& schema) {
  std::vector<std::string> names;
  for (const KeySpec& key : schema.keys) names.emplace_back(key.name);
  return names;
}

std::string hint_for(const std::string& word, const Schema& schema) {
  const std::vector<std::string> known = names_of(schema);
  std::string hint = did_you_mean(word, known);
  for (const Synonym& synonym : k_synonyms) {
    if (!hint.empty()) break;
    if (synonym.word == word && find_key(schema, synonym.key) != nullptr) {
      hint = "here it is called `" + std::string(synonym.key) + "`";
    }
  }
  constexpr std::size_t k_listed = 30;
  const std::string joint = hint.ends_with("?") ? " " : "; ";
  return (hint.empty() ? "" : hint + joint) + std::string("allowed: ") +
         list_names(known, k_listed);
}

std::string expected(unsigned shapes) {
  std::vector<std::string> words;
  if ((shapes & k_text) != 0) words.emplace_back("text");
  if ((shapes & k_list) != 0) words.emplace_back("a list");
  if ((shapes & k_map) != 0) words.emplace_back("a map");
  return join_or(words);
}

unsigned shape_of(const Node& node) {
  switch (node.kind) {
    case NodeKind::null: return k_nothing;
    case NodeKind::scalar: return k_text;
    case NodeKind::sequence: return k_list;
    case NodeKind::map: return k_map;
  }
  return k_nothing;
}

bool all_of(std::string_view text, bool (*allowed)(char)) {
  return !text.empty() && std::all_of(text.begin(), text.end(), allowed);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_name_char(char c) { return is_word(c) || c == '-'; }

std::optional<std::int64_t> decimal(std::string_view text) {
  const bool negative = text.starts_with("-");
  const std::string_view digits = negative ? text.substr(1) : text;
  constexpr std::size_t k_safe_digits = 18;
  if (digits.size() > k_safe_digits || !all_of(digits, is_digit)) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return negative ? -value : value;
}

}  // namespace

bool has_shape(const Node& node,
               unsigned shapes,
               const std::string& what,
               Report& report,
               std::string_view example) {
  if (node.broken) return false;
  if ((shape_of(node) & shapes) != 0) return true;
  report.error(code::wrong_shape,
               node.span,
               "expected " + expected(shapes) + " for " + what + ", got " + describe(node),
               example.empty() ? "" : "write `" + std::string(example) + "`");
  return false;
}

Fields::Fields(const Node& node, const Schema& schema, const Span& owner, Report& report)
    : node_(node), schema_(schema), owner_(owner), report_(report) {
  usable_.assign(node.keys.size(), false);
  if (!has_shape(node, k_map, std::string(schema.what), report)) return;
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const Node& key = node.keys[i];
    const KeySpec* spec = find_key(schema, key.text);
    if (spec == nullptr) {
      clean_ = false;
      report.error(code::unknown_key,
                   key.span,
                   "`" + key.text + "` is no key of " + std::string(schema.what),
                   hint_for(key.text, schema));
    } else {
      usable_[i] =
          has_shape(node.items[i], spec->form->shapes, "`" + key.text + "`", report, spec->example);
    }
  }
}

const Node* Fields::get(std::string_view key) const {
  for (std::size_t i = 0; i < node_.keys.size(); ++i) {
    if (node_.keys[i].text == key) return usable_[i] ? &node_.items[i] : nullptr;
  }
  return nullptr;
}

bool Fields::has(std::string_view key) const { return node_.find(key) != nullptr; }

const Node* Fields::need(std::string_view key) const {
  const bool said = node_.broken || node_.cut || !node_.is_map();
  if (!has(key) && !said) {
    report_.error(
        code::missing_key, owner_, std::string(schema_.what) + " needs `" + std::string(key) + "`");
  }
  return get(key);
}

Span Fields::key_span(std::string_view key) const {
  for (const Node& node : node_.keys) {
    if (node.text == key) return node.span;
  }
  return owner_;
}

bool Fields::exclusive(std::string_view a, std::string_view b, const std::string& hint) const {
  if (!has(a) || !has(b)) return false;
  report_.error(code::conflicting_keys,
                key_span(b),
                "`" + std::string(b) + "` can't stand beside `" + std::string(a) + "`",
                hint);
  return true;
}

bool reports_octal(const Node& node, Report& report, bool may_be_text) {
  const std::string_view text = node.text;
  const std::string_view digits = text.starts_with("-") ? text.substr(1) : text;
  const bool octal = digits.starts_with("0o") ||
                     (digits.size() > 1 && digits[0] == '0' && all_of(digits, is_digit));
  if (!node.is_plain() || !octal) return false;
  std::string_view rest = digits.starts_with("0o") ? digits.substr(2) : digits;
  while (rest.size() > 1 && rest.front() == '0') rest.remove_prefix(1);
  report.error(code::octal_number,
               node.span,
               "`" + node.text + "`: some YAML readers take a leading zero for octal",
               "write `" + std::string(rest) + "`" +
                   (may_be_text ? " for the number, or put it in quotes for the text" : ""));
  return true;
}

bool reports_word_boolean(const Node& node, Report& report) {
  static const std::vector<std::string> yes{
      "yes", "Yes", "YES", "on", "On", "ON", "y", "Y", "True", "TRUE"};
  static const std::vector<std::string> no{
      "no", "No", "NO", "off", "Off", "OFF", "n", "N", "False", "FALSE"};
  const bool is_yes = std::find(yes.begin(), yes.end(), node.text) != yes.end();
  const bool is_no = std::find(no.begin(), no.end(), node.text) != no.end();
  if (!is_yes && !is_no) return false;
  report.error(code::not_a_boolean,
               node.span,
               "`" + node.text + "` is not a boolean here: only true and false are",
               std::string("write `") + (is_yes ? "true" : "false") + "`");
  return true;
}

std::optional<bool> read_bool(const Node& node, const std::string& what, Report& report) {
  if (!has_shape(node, k_text, what, report)) return std::nullopt;
  if (node.text == "true" && node.is_plain()) return true;
  if (node.text == "false" && node.is_plain()) return false;
  if (reports_word_boolean(node, report)) return std::nullopt;
  const bool quoted = node.text == "true" || node.text == "false";
  report.error(code::bad_literal,
               node.span,
               "expected true or false for " + what + ", got " + describe(node),
               quoted ? "take the quotes away" : "");
  return std::nullopt;
}

std::optional<std::int64_t> read_int(
    const Node& node, const std::string& what, std::int64_t min, std::int64_t max, Report& report) {
  if (!has_shape(node, k_text, what, report) || reports_octal(node, report)) return std::nullopt;
  const auto value = node.is_plain() ? decimal(node.text) : std::nullopt;
  if (value && *value >= min && *value <= max) return value;
  report.error(code::bad_literal,
               node.span,
               "expected a whole number from " + std::to_string(min) + " to " +
                   std::to_string(max) + " for " + what + ", got " + describe(node));
  return std::nullopt;
}

std::optional<double> read_number(const Node& node, const std::string& what, Report& report) {
  if (!has_shape(node, k_text, what, report) || reports_octal(node, report)) return std::nullopt;
  const std::string_view body =
      std::string_view(node.text).substr(node.text.starts_with("-") ? 1 : 0);
  const std::size_t dot = body.find('.');
  const bool whole = all_of(body.substr(0, dot), is_digit);
  const bool rest = dot == std::string_view::npos || all_of(body.substr(dot + 1), is_digit);
  constexpr std::size_t k_longest = 30;
  if (node.is_plain() && whole && rest && body.size() <= k_longest) return std::stod(node.text);
  report.error(
      code::bad_literal, node.span, "expected a number for " + what + ", got " + describe(node));
  return std::nullopt;
}

std::optional<Duration> read_duration(const Node& node, const std::string& what, Report& report) {
  if (!has_shape(node, k_text, what, report)) return std::nullopt;
  const auto value = parse_duration(node.text);
  if (value && value->count() >= 0) return value;
  report.error(code::bad_literal,
               node.span,
               "expected a duration for " + what + ", got " + describe(node),
               "write it as 30s, 5m, 1h30m, 7d or PT30M");
  return std::nullopt;
}

std::optional<std::size_t> read_choice(const Node& node,
                                       const std::string& what,
                                       std::span<const std::string_view> choices,
                                       Report& report) {
  if (!has_shape(node, k_text, what, report)) return std::nullopt;
  const auto found = std::find(choices.begin(), choices.end(), node.text);
  if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
  const std::vector<std::string> words(choices.begin(), choices.end());
  report.error(code::bad_literal,
               node.span,
               "expected " + join_or(words) + " for " + what + ", got " + describe(node),
               did_you_mean(node.text, words));
  return std::nullopt;
}

std::vector<std::string> read_texts(const Node& node, const std::string& what, Report& report) {
  std::vector<std::string> texts;
  if (!has_shape(node, k_text | k_list, what, report)) return texts;
  if (node.is_scalar()) return {node.text};
  for (const Node& item : node.items) {
    if (has_shape(item, k_text, "an entry of " + what, report)) texts.push_back(item.text);
  }
  return texts;
}

bool is_identifier(std::string_view text) {
  return all_of(text, is_word) && !is_digit(text.front());
}

bool is_state_name(std::string_view text) {
  return all_of(text, is_name_char) && !is_digit(text.front()) && text.front() != '-';
}

bool is_event_name(std::string_view text) {
  while (true) {
    const std::size_t dot = text.find('.');
    if (!all_of(text.substr(0, dot), is_name_char)) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

}  // namespace vozex::language

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/language/keys.h"
#include "engine/language/literals.h"
#include "engine/language/state_body.h"
#include "engine/language/transitions.h"
#include "engine/language/values.h"

namespace vozex::language {
namespace {

using machine::StateIndex;
using machine::TimerDecl;

struct CronField {
  const char* name;
  int low;
  int high;
};
constexpr CronField k_cron_fields[] = {{"minute", 0, 59},
                                       {"hour", 0, 23},
                                       {"day of month", 1, 31},
                                       {"month", 1, 12},
                                       {"day of week", 0, 7}};

std::optional<int> small_number(std::string_view text) {
  constexpr std::size_t k_longest = 4;
  if (text.empty() || text.size() > k_longest) return std::nullopt;
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

// One of the comma-separated parts: *, 5, 1-5, */10, 1-30/5.
bool is_cron_part(std::string_view part, const CronField& field) {
  const std::size_t slash = part.find('/');
  if (slash != std::string_view::npos) {
    const auto every = small_number(part.substr(slash + 1));
    if (!every || *every == 0) return false;
    part = part.substr(0, slash);
  }
  if (part == "*") return true;
  const std::size_t dash = part.find('-');
  const auto low = small_number(part.substr(0, dash));
  const auto high = dash == std::string_view::npos ? low : small_number(part.substr(dash + 1));
  return low && high && *low >= field.low && *high <= field.high && *low <= *high;
}

bool is_cron_field(std::string_view text, const CronField& field) {
  while (true) {
    const std::size_t comma = text.find(',');
    if (!is_cron_part(text.substr(0, comma), field)) return false;
    if (comma == std::string_view::npos) return true;
    text.remove_prefix(comma + 1);
  }
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t begin = text.find_first_not_of(' ');
    if (begin == std::string_view::npos) return words;
    text.remove_prefix(begin);
    const std::size_t end = std::min(text.find(' '), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

void add_timer(Unit& unit, StateIndex state, TimerDecl timer) {
  timer.state = state;
  unit.machine->states[state].timers.push_back(
      static_cast<std::uint16_t>(unit.machine->timers.size()));
  unit.machine->timers.push_back(std::move(timer));
}

TransitionSite timer_site(StateIndex state, const std::string& word, const std::string& when) {
  TransitionSite site{state,
                      word + " " + when,
                      "`" + when + "`",
                      state_place("`" + word + "`"),
                      false,
                      nullptr,
                      nullptr};
  site.place.no_event = "`event` is not visible in `" + word +
                        "`: a timer brings none; keep what you need of an event in data";
  return site;
}

void compile_cron(Unit& unit, StateIndex state, const Node& node) {
  const Fields fields(node, grammar::cron, node.span, unit.report);
  TimerDecl timer;
  timer.recurring = true;
  timer.span = node.span;
  timer.timezone = "UTC";
  const Node* cron = fields.need("cron");
  if (cron == nullptr) return;
  if (check_cron(unit, *cron)) timer.cron = cron->text;
  if (const Node* zone = fields.get("timezone")) {
    if (check_timezone(unit, *zone)) timer.timezone = zone->text;
  }
  const TransitionSite site = timer_site(state, "every", cron->text);
  if (const auto transition = compile_transition_keys(unit, fields, node.span, site))
    timer.transitions.push_back(*transition);
  add_timer(unit, state, std::move(timer));
}

void compile_period(Unit& unit, StateIndex state, const Node& key, const Node& value) {
  TimerDecl timer;
  timer.recurring = true;
  timer.span = key.span;
  timer.when = compile_moment(unit, key, "`every`", state_place("`every`"));
  if (timer.when != nullptr) {
    const types::Value* constant = expr::constant_of(*timer.when);
    const auto kind = without_optional(*expr::type_of(*timer.when)).kind;
    const bool zero = constant != nullptr && constant->kind() == types::Kind::duration &&
                      constant->to_duration().count() <= 0;
    if (zero || kind == types::TypeKind::timestamp) {
      unit.report.error(
          code::bad_literal,
          key.span,
          "`every` needs a duration longer than nothing, got `" + key.text + "`",
          "write `every: {6h: ...}`, or for the calendar `every: {cron: \"0 3 1 * *\", ...}`");
    }
  }
  timer.transitions = compile_transitions(unit, value, timer_site(state, "every", key.text));
  add_timer(unit, state, std::move(timer));
}

}  // namespace

bool check_cron(Unit& unit, const Node& node) {
  const std::vector<std::string_view> words = words_of(node.text);
  if (words.size() != std::size(k_cron_fields)) {
    unit.report.error(
        code::bad_schedule,
        node.span,
        "a cron expression has five fields, got " + std::to_string(words.size()),
        "minute hour day-of-month month day-of-week: \"0 3 * * *\" is every day at 03:00");
    return false;
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    const CronField& field = k_cron_fields[i];
    if (is_cron_field(words[i], field)) continue;
    const auto offset = static_cast<std::size_t>(words[i].data() - node.text.data());
    unit.report.error(code::bad_schedule,
                      locate(unit.report.source(), node, offset, words[i].size()),
                      "`" + std::string(words[i]) + "` is no " + field.name,
                      "expected " + std::to_string(field.low) + " to " +
                          std::to_string(field.high) + ", *, 1-5, 1,15 or */10");
    return false;
  }
  return true;
}

// Time zones are known to the expression functions: one of them is asked.
bool check_timezone(Unit& unit, const Node& node) {
  bool plain = !node.text.empty();
  for (const char c : node.text) plain = plain && c != '\'' && c != '\\' && c != '\n';
  const std::string probe =
      "timestamp('2026-01-01T00:00:00Z').getHours('" + (plain ? node.text : "") + "')";
  if (plain && expr::compile(probe, {}).has_value()) return true;
  unit.report.error(code::bad_schedule,
                    node.span,
                    "no time zone is called `" + node.text + "`",
                    "use a name of the IANA database: Europe/Berlin, UTC");
  return false;
}

void compile_after(Unit& unit, StateIndex state, const Node& node) {
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const Node& key = node.keys[i];
    TimerDecl timer;
    timer.span = key.span;
    timer.when = compile_moment(unit, key, "`after`", state_place("`after`"));
    timer.transitions =
        compile_transitions(unit, node.items[i], timer_site(state, "after", key.text));
    add_timer(unit, state, std::move(timer));
  }
}

void compile_every(Unit& unit, StateIndex state, const Node& node) {
  if (node.is_sequence()) {
    for (const Node& item : node.items) {
      if (has_shape(item, k_map, "an entry of `every`", unit.report))
        compile_every(unit, state, item);
    }
    return;
  }
  if (node.find("cron") != nullptr) {
    compile_cron(unit, state, node);
    return;
  }
  for (std::size_t i = 0; i < node.keys.size(); ++i)
    compile_period(unit, state, node.keys[i], node.items[i]);
}

}  // namespace vozex::language

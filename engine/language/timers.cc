// SPDX-License-Identifier: Apache-2.0
#include "engine/expr/calendar.h"
#include "engine/expr/cron.h"
#include "engine/language/keys.h"
#include "engine/language/literals.h"
#include "engine/language/state_body.h"
#include "engine/language/transitions.h"
#include "engine/language/values.h"

namespace vozex::language {
namespace {

using machine::StateIndex;
using machine::TimerDecl;

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
    const bool too_short = constant != nullptr && constant->kind() == types::Kind::duration &&
                           constant->to_duration() < machine::k_shortest_period;
    if (too_short || kind == types::TypeKind::timestamp) {
      unit.report.error(
          code::bad_literal,
          key.span,
          "`every` needs a duration of " + format_duration(machine::k_shortest_period) +
              " or longer, got `" + key.text + "`",
          "write `every: {6h: ...}`, or for the calendar `every: {cron: \"0 3 1 * *\", ...}`");
    }
  }
  timer.transitions = compile_transitions(unit, value, timer_site(state, "every", key.text));
  add_timer(unit, state, std::move(timer));
}

}  // namespace

bool check_cron(Unit& unit, const Node& node) {
  const auto cron = expr::Cron::parse(node.text);
  if (cron) return true;
  const expr::CronFault& fault = cron.error();
  unit.report.error(code::bad_schedule,
                    locate(unit.report.source(), node, fault.offset, fault.length),
                    fault.message,
                    fault.hint);
  return false;
}

bool check_timezone(Unit& unit, const Node& node) {
  if (expr::is_zone(node.text)) return true;
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

// SPDX-License-Identifier: Apache-2.0
//
// `start:`. What makes instances: events, and moments of the calendar.
#include <algorithm>

#include "engine/language/declarations.h"
#include "engine/language/keys.h"
#include "engine/language/state_body.h"
#include "engine/language/values.h"

namespace vozex::language {
namespace {

// Without `input:` it is `{}`: a workflow that needs none may leave it out.
expr::ProgramRef compile_start_input(Unit& unit,
                                     const Fields& fields,
                                     const Span& span,
                                     const Place& place) {
  if (fields.has("input") && fields.get("input") == nullptr) return nullptr;
  Node empty;
  empty.kind = NodeKind::map;
  empty.span = span;
  const Node* input = fields.get("input");
  return compile_value(unit,
                       input == nullptr ? empty : *input,
                       {unit.machine->input, "the input of " + unit.machine->workflow},
                       place);
}

void compile_rule(Unit& unit, const Node& key, const Node& node) {
  const auto known = unit.events.find(key.text);
  if (known == unit.events.end()) {
    unit.report.error(code::unknown_event,
                      key.span,
                      "`" + key.text + "` is no declared event",
                      did_you_mean(key.text, names_in(unit.events)).empty()
                          ? "declare it under `events:` or import it"
                          : did_you_mean(key.text, names_in(unit.events)));
    return;
  }
  unit.handled.push_back({key.text, machine::k_root, key.span});
  const Fields fields(node, grammar::start_rule, key.span, unit.report);
  const Place place = event_place("`start`", known->second.data);
  machine::StartRule rule;
  rule.event = key.text;
  rule.span = key.span;
  if (const Node* when = fields.get("when"))
    rule.when = compile_condition(unit, *when, "`when`", place);
  rule.input = compile_start_input(unit, fields, key.span, place);
  unit.machine->start_rules.push_back(std::move(rule));
}

// Every due moment needs a key of its own: one that reads an input which is always the same is
// taken after the first start.
void check_schedule_key(Unit& unit, const Span& span, const expr::ProgramRef& input) {
  const machine::Machine& machine = *unit.machine;
  if (machine.key == nullptr || machine.key_reusable || input == nullptr) return;
  if (expr::constant_of(*input) == nullptr) return;
  const std::vector<expr::Reference> read = expr::references_of(*machine.key);
  const bool of_input = std::all_of(read.begin(), read.end(), [](const expr::Reference& one) {
    return one.path.starts_with("input");
  });
  if (!of_input) return;
  unit.report.error(code::repeated_key,
                    span,
                    "each start of this schedule would have the same key, and keys are never "
                    "reused: only the first would start",
                    "make the key from the due moment: `input: {day: \"${string(now)}\"}`, or say "
                    "`key: {value: " +
                        expr::source_of(*machine.key) + ", reuse: after_end}`");
}

void compile_schedule(Unit& unit, const Node& node) {
  if (node.broken) return;
  const Span span = node.keys.empty() ? node.span : node.keys[0].span;
  const Fields fields(node, grammar::schedule, node.span, unit.report);
  machine::StartSchedule schedule;
  schedule.span = span;
  schedule.timezone = "UTC";
  const Node* cron = fields.need("cron");
  if (cron != nullptr && check_cron(unit, *cron)) schedule.cron = cron->text;
  if (const Node* zone = fields.get("timezone")) {
    if (check_timezone(unit, *zone)) schedule.timezone = zone->text;
  }
  Place place = state_place("`schedule`");
  place.no_instance = "is not visible here: the instance doesn't exist yet; use `now`, the moment";
  place.no_input = "is not visible here: this makes it; use `now`, the moment, and `config`";
  place.no_event = "`event` is not visible in `schedule`: a moment brings none; use `now`";
  schedule.input = compile_start_input(unit, fields, span, place);
  check_schedule_key(unit, span, schedule.input);
  unit.machine->start_schedules.push_back(std::move(schedule));
}

void compile_schedules(Unit& unit, const Node& node) {
  if (!node.is_sequence()) {
    compile_schedule(unit, node);
    return;
  }
  // The runtime names a schedule's moments by its position.
  constexpr std::size_t k_most = 100;
  if (node.items.size() > k_most) {
    unit.report.error(code::too_many,
                      node.span,
                      std::to_string(node.items.size()) + " schedules, at most " +
                          std::to_string(k_most) + " can stand in a file");
    return;
  }
  for (const Node& item : node.items) {
    if (has_shape(item, k_map, "an entry of `schedule`", unit.report)) compile_schedule(unit, item);
  }
}

}  // namespace

void compile_start(Unit& unit, const Node& node) {
  const Fields fields(node, grammar::start, node.span, unit.report);
  if (const Node* on = fields.get("on")) {
    for (std::size_t i = 0; i < on->keys.size(); ++i) compile_rule(unit, on->keys[i], on->items[i]);
  }
  if (const Node* schedule = fields.get("schedule")) compile_schedules(unit, *schedule);
  if (const Node* from = fields.get("from")) {
    const auto choice = read_choice(*from, "`from`", grammar::k_starter_words, unit.report);
    unit.machine->start_from = choice == 1U ? machine::Sender::instances : machine::Sender::anybody;
  }
}

}  // namespace vozex::language

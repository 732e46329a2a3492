// SPDX-License-Identifier: Apache-2.0
//
// `start:`. What makes instances, and who may make them.
#include "engine/lab/diff/comparison.h"
#include "engine/lab/diff/named.h"
#include "engine/lab/diff/program_text.h"
#include "engine/language/grammar.h"

namespace vozex::lab {
namespace {

namespace grammar = language::grammar;
using machine::Machine;

ByName start_rules(const Machine& machine) {
  ByName out;
  for (const machine::StartRule& rule : machine.start_rules) {
    Named& named = out[rule.event];
    named.text += (named.text.empty() ? "" : ", ") + program_text(rule.input);
    if (rule.when != nullptr) named.text += " when " + program_text(rule.when);
    named.line = rule.span.line;
  }
  return out;
}

// By when they are due: that is what one is known by.
ByName schedules(const Machine& machine) {
  ByName out;
  for (const machine::StartSchedule& schedule : machine.start_schedules) {
    Named& named = out[schedule.cron + " " + schedule.timezone];
    named.text += (named.text.empty() ? "" : ", ") + program_text(schedule.input);
    named.line = schedule.span.line;
  }
  return out;
}

// The newest version counts, whichever one an instance would be started with.
void compare_starters(Comparison& comparison) {
  const bool narrower = comparison.after.start_from != machine::Sender::anybody;
  comparison.changed(
      narrower ? Impact::breaking : Impact::none,
      "start_from_changed",
      "start: from",
      word(grammar::k_sender_words, comparison.before.start_from),
      word(grammar::k_sender_words, comparison.after.start_from),
      narrower ? "who starts it by itself is refused with start_reserved: only workflows start it"
               : "",
      0);
}

}  // namespace

void compare_starts(Comparison& comparison) {
  compare_starters(comparison);
  compare_named(
      comparison,
      "start",
      start_rules(comparison.before),
      start_rules(comparison.after),
      {"the event no longer starts instances", "new instances only", "new instances only"});
  compare_named(comparison,
                "schedule",
                schedules(comparison.before),
                schedules(comparison.after),
                {"its moments no longer start instances",
                 "new instances only",
                 "its moments start instances from the deployment on"});
}

}  // namespace vozex::lab

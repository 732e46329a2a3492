// SPDX-License-Identifier: Apache-2.0
//
// The events that a workflow declares: what they carry, whom they find, who may send them.
#include "engine/lab/diff/comparison.h"
#include "engine/lab/diff/program_text.h"
#include "engine/language/grammar.h"

namespace vozex::lab {
namespace {

namespace grammar = language::grammar;
using machine::EventDecl;

std::string match_text(const EventDecl& event) {
  std::string text;
  for (const machine::MatchForm& form : event.match) {
    text += (text.empty() ? "" : ", ") + (form.alias.empty() ? "" : form.alias + ": ") +
            program_text(form.value);
  }
  return text.empty() ? "none" : text;
}

// Who may send it. Narrower is refused at the door; `gateways` and `instances` have nobody in
// common.
void compare_senders(Comparison& comparison, const EventDecl& before, const EventDecl& after) {
  const bool narrower = after.from != machine::Sender::anybody;
  comparison.changed(narrower ? Impact::breaking : Impact::none,
                     "event_from_changed",
                     "event " + after.name + ": from",
                     word(grammar::k_sender_words, before.from),
                     word(grammar::k_sender_words, after.from),
                     narrower ? "who else sends it is refused with event_reserved" : "",
                     after.span.line);
}

void compare_event(Comparison& comparison, const EventDecl& before, const EventDecl& after) {
  const std::string subject = "event " + after.name;
  for (const FieldDifference& one : differences_of(before.data, after.data)) {
    const bool breaks =
        one.change == FieldChange::added_needed || one.change == FieldChange::narrowed;
    comparison.add(breaks ? Impact::breaking : Impact::none,
                   std::string("event_data") + ending_of(one.change),
                   subject + ": " + one.name,
                   one.text,
                   breaks ? "who sends it as before is refused at the door" : "",
                   after.span.line);
  }
  comparison.changed(Impact::live,
                     "event_match_changed",
                     subject + ": match",
                     match_text(before),
                     match_text(after),
                     "instances on the two versions are found by different values",
                     after.span.line);
  compare_senders(comparison, before, after);
  comparison.changed(Impact::live,
                     "event_early_changed",
                     subject + ": early",
                     word(grammar::k_early_words, before.early),
                     word(grammar::k_early_words, after.early),
                     "what happens to one that comes before its instance",
                     after.span.line);
  comparison.changed(Impact::live,
                     "event_unhandled_changed",
                     subject + ": unhandled",
                     word(grammar::k_unhandled_words, before.unhandled),
                     word(grammar::k_unhandled_words, after.unhandled),
                     "what happens where no state takes it",
                     after.span.line);
}

}  // namespace

void compare_events(Comparison& comparison) {
  for (const EventDecl& event : comparison.before.events) {
    if (const EventDecl* after = comparison.after.find_event(event.name)) {
      compare_event(comparison, event, *after);
    } else {
      comparison.add(Impact::live,
                     "event_removed",
                     "event " + event.name,
                     "no longer declared",
                     "new instances, and those that migrate, don't take it",
                     event.span.line);
    }
  }
  for (const EventDecl& event : comparison.after.events) {
    if (comparison.before.find_event(event.name) != nullptr) continue;
    comparison.add(
        Impact::none, "event_added", "event " + event.name, "declared", "", event.span.line);
  }
}

}  // namespace vozex::lab
